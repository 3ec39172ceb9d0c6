# Sets past the size that is scanned, of addresses of both families and of text: each operator gives
# what the elements say, whichever side is larger, and empty sides count.
event zeek_init()
	{
	local a: set[addr];
	local b: set[addr];
	local words: set[string];
	local other: set[string];
	local i = 0;

	while ( i < 300 )
		{
		add a[count_to_v4_addr(167772160 + i)];
		add a[to_addr(fmt("2001:db8::%x", i))];
		add words[cat("w", i)];
		++i;
		}

	i = 200;

	while ( i < 1000 )
		{
		add b[count_to_v4_addr(167772160 + i)];
		add b[to_addr(fmt("2001:db8::%x", i))];
		add other[cat("w", i)];
		++i;
		}

	local none: set[addr];
	print |a|, |b|, |a | b|, |b | a|, |a & b|, |a - b|, |b - a|;
	print (a | b) == (b | a), (a & b) == (b & a), (a - b) | (a & b) == a, a & b <= a;
	print |a | none|, |none | a|, |a & none|, |none - a|, (none | none) == none;
	print 10.0.0.250 in a & b, 10.0.0.250 in a - b, [2001:db8::1] in a - b, [2001:db8::1] in b;
	print |words | other|, |words & other|, "w250" in words & other, "w999" in words | other;

	local both = a | b;
	delete both[10.0.0.7];
	delete both[[2001:db8::7]];
	print |both|, 10.0.0.7 in both, 10.0.0.7 in a, 10.0.0.8 in both;
	}

# What it prints, in order:
# expect: 600, 1600, 2000, 2000, 200, 400, 1400
# expect: T, T, T, T
# expect: 600, 600, 0, 0, T
# expect: T, F, T, F
# expect: 1000, 100, T, T
# expect: 1998, F, T, T
