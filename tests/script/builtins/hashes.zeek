# Digests, and sketches of streams.
event zeek_init()
	{
	print md5_hash("one"), sha1_hash("abc"); # expect: f97c5d29941bfb1b2fdab0874906ab82, a9993e364706816aba3e25717850c26c9cd0d89d
	print sha256_hash("a", "bc"); # expect: ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad
	local m = md5_hash_init();
	print md5_hash_update(m, "o"), md5_hash_update(m, "ne"), md5_hash_finish(m); # expect: T, T, f97c5d29941bfb1b2fdab0874906ab82
	local c = hll_cardinality_init(0.01, 0.95);
	hll_cardinality_add(c, 1);
	hll_cardinality_add(c, 2);
	hll_cardinality_add(c, 2);
	print double_to_count(hll_cardinality_estimate(c)); # expect: 2
	local bf = bloomfilter_basic_init(0.01, 100);
	bloomfilter_add(bf, "in");
	print bloomfilter_lookup(bf, "in"), bloomfilter_lookup(bf, "out"); # expect: 1, 0
	local cf = bloomfilter_counting_init(3, 64, 7);
	bloomfilter_add(cf, 10.0.0.1);
	bloomfilter_add(cf, 10.0.0.1);
	print bloomfilter_lookup(cf, 10.0.0.1); # expect: 2
	local k = topk_init(4);
	topk_add(k, "a");
	topk_add(k, "b");
	topk_add(k, "b");
	print topk_get_top(k, 1), topk_count(k, "b"), topk_epsilon(k, "b"), topk_sum(k), topk_size(k); # expect: [b], 2, 0, 3, 4
	local e = find_entropy("aaaa");
	print e$entropy, e$mean; # expect: 0.0, 97.0
	local p = paraglob_init(vector("*", "d?g", "*og"));
	print paraglob_match(p, "dog"); # expect: [d?g, *og, *]
	print paraglob_equals(p, paraglob_init(vector("d?g", "*og", "*"))); # expect: T
	}
