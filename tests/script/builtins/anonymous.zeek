# Addresses made unrecognisable.
global orig_addr_anonymization: IPAddrAnonymization = SEQUENTIALLY_NUMBERED;
global resp_addr_anonymization: IPAddrAnonymization = PREFIX_PRESERVING_A50;
global preserve_orig_addr: set[addr] = { 9.9.9.9 };

function common_bits(a: addr, b: addr): count
	{
	local n = 32;
	while ( n > 0 && mask_addr(a, n) != mask_addr(b, n) )
		n -= 1;
	return n;
	}

event zeek_init()
	{
	print anonymize_addr(10.0.0.1, ORIG_ADDR), anonymize_addr(10.0.0.9, ORIG_ADDR); # expect: 0.0.0.2, 0.0.0.3
	print anonymize_addr(10.0.0.1, ORIG_ADDR), anonymize_addr(9.9.9.9, ORIG_ADDR); # expect: 0.0.0.2, 9.9.9.9
	# There is no other_addr_anonymization.
	print anonymize_addr(10.0.0.1, OTHER_ADDR); # expect: 10.0.0.1
	preserve_subnet(192.168.0.0/16);
	preserve_prefix(172.16.0.1, 12);
	local a = anonymize_addr(192.168.7.1, RESP_ADDR);
	local b = anonymize_addr(192.168.7.130, RESP_ADDR);
	print a in 192.168.0.0/16, common_bits(a, b), a == anonymize_addr(192.168.7.1, RESP_ADDR); # expect: T, 24, T
	print anonymize_addr(172.16.5.5, RESP_ADDR) in 172.16.0.0/12; # expect: T
	print anonymize_addr(0.0.0.0, RESP_ADDR), anonymize_addr(255.255.255.255, RESP_ADDR); # expect: 0.0.0.0, 255.255.255.255
	preserve_subnet(10.0.0.0/8); # error: prefix preservation specified after anonymization begun
	}
