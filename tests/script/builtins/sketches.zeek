# Sketches of streams: what they keep, what they refuse, how they combine.
# As bloomfilter_basic_init(0.01, 100) chooses them: 100 * ln(0.01) / ln(2)^2, and ln(2) of that share.
function bloom_cells(): count { return 959; }
function bloom_hashes(): count { return 7; }

event zeek_init()
	{
	local a = bloomfilter_basic_init(0.01, 100, "shared");
	local b = bloomfilter_basic_init2(bloom_hashes(), bloom_cells(), "shared");
	bloomfilter_add(a, "only a");
	bloomfilter_add(a, "both");
	bloomfilter_add(b, "both");
	bloomfilter_add(b, "only b");
	local merged = bloomfilter_merge(a, b);
	print bloomfilter_lookup(merged, "only a"), bloomfilter_lookup(merged, "only b"); # expect: 1, 1
	local common = bloomfilter_intersect(a, b);
	print bloomfilter_lookup(common, "both"), bloomfilter_lookup(common, "only a"); # expect: 1, 0
	print bloomfilter_internal_state(a) == bloomfilter_internal_state(b); # expect: F
	bloomfilter_clear(a);
	bloomfilter_clear(b);
	print bloomfilter_internal_state(a) == bloomfilter_internal_state(b); # expect: T

	local counting = bloomfilter_counting_init(3, 64, 3);
	for ( i in vector(1, 2, 3, 4) )
		bloomfilter_add(counting, "x");
	print bloomfilter_lookup(counting, "x"); # expect: 3
	print bloomfilter_decrement(counting, "x"), bloomfilter_lookup(counting, "x"); # expect: T, 2
	print bloomfilter_decrement(counting, "never there"); # expect: F
	print bloomfilter_decrement(bloomfilter_basic_init(0.1, 10), "x"); # expect: F

	local e = entropy_test_init();
	print entropy_test_add(e, "aa"), entropy_test_add(e, "aa"); # expect: T, T
	print entropy_test_finish(e)$mean == find_entropy("aaaa")$mean; # expect: T

	local seen = hll_cardinality_init(0.01, 0.95);
	hll_cardinality_add(seen, [$orig_h=1.1.1.1, $orig_p=1/tcp, $resp_h=2.2.2.2, $resp_p=2/tcp]);
	hll_cardinality_add(seen, [$orig_h=1.1.1.1, $orig_p=2/tcp, $resp_h=2.2.2.2, $resp_p=2/tcp]);
	local again = hll_cardinality_copy(seen);
	print hll_cardinality_merge_into(seen, again), double_to_count(hll_cardinality_estimate(seen)); # expect: T, 2

	local sha = sha512_hash_init();
	print sha512_hash_update(sha, "ab"), sha512_hash_update(sha, "c"); # expect: T, T
	print sha512_hash_finish(sha) == sha512_hash("abc"); # expect: T
	print sha512_hash_update(sha, "late"), |sha512_hash_finish(sha)|; # expect: F, 0
	local sha3 = sha384_hash_init();
	local half = copy(sha3);
	sha384_hash_update(half, "x");
	print sha384_hash_finish(sha3) == sha384_hash(""), sha384_hash_finish(half) == sha384_hash("x"); # expect: T, T
	print sha224_hash("") == sha224_hash_finish(sha224_hash_init()); # expect: T
	print |md5_hmac("one")|, md5_hmac("one") == md5_hash("one"), |sha256_hmac("one")|; # expect: 32, F, 64
	# A number is hashed as a number, not as its text.
	print md5_hash(3) == md5_hash("3"), md5_hash("a", "b") == md5_hash("ab"); # expect: F, T
	print fnv1a32(1) == fnv1a32(2), fnv1a64("") == 14695981039346656037; # expect: F, T
	}
