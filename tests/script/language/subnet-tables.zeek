# A table indexed by subnets answers an address with the longest prefix that covers it.
global nets: table[subnet] of string = {
	[10.0.0.0/8] = "ten",
	[10.1.0.0/16] = "ten one",
	[[2001:db8::]/32] = "doc",
};

event zeek_init()
	{
	print nets[10.1.2.3], nets[10.2.2.3], nets[[2001:db8::1]];
	print 10.9.9.9 in nets, 11.0.0.1 in nets;
	print 10.0.0.0/8 in nets, 10.0.0.0/9 in nets;
	delete nets[10.1.0.0/16];
	print nets[10.1.2.3];
	print 10.1.2.3 in 10.0.0.0/8, 10.0.0.0/9 in 10.0.0.0/8, 1.2.3.4/16;
	print 10.1.2.3/16 == 10.1.0.0/16, |10.0.0.0/24|;
	}

# What it prints, in order:
# expect: ten one, ten, doc
# expect: T, F
# expect: T, T
# expect: ten
# expect: T, T, 1.2.0.0/16
# expect: T, 256.0
