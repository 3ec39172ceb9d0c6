# A sketch keeps to the type of its first element.
event zeek_init()
	{
	local bf = bloomfilter_basic_init(0.1, 10);
	bloomfilter_add(bf, "text");
	bloomfilter_add(bf, 7); # error: differing types: count among string
	print bloomfilter_lookup(bf, 7); # expect: 0
	local c = hll_cardinality_init(0.01, 0.95);
	print hll_cardinality_add(c, 1), hll_cardinality_add(c, "b"); # expect: T, F
	local k = topk_init(2);
	topk_add(k, 1.5);
	topk_add(k, "no");
	print topk_sum(k), topk_count(k, 3.5); # expect: 1, 0
	}
event zeek_init() &priority=-1
	{
	local other = bloomfilter_merge(bloomfilter_basic_init(0.1, 10, "a"), bloomfilter_basic_init(0.1, 10, "b")); # error: differing kinds, sizes or seeds
	print "not reached";
	}
