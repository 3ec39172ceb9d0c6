# Tables, sets and vectors: membership, defaults, deletion, loops in order of insertion.
global ports: set[port] = { 80/tcp } &redef;
const more: set[port] = { 22/tcp, 53/udp };
redef ports += { more, 443/tcp };

event zeek_init()
	{
	local t: table[string] of count = { ["a"] = 1, ["b"] = 2 };
	print "a" in t, "z" in t, |t|; # expect: T, F, 2
	delete t["a"];
	print t; # expect: {
	# expect: [b] = 2
	# expect: }
	for ( k, v in t )
		print k, v; # expect: b, 2
	local counts: table[string] of count &default=7;
	print counts["missing"], |counts|; # expect: 7, 0
	print |ports|, 22/tcp in ports, 23/tcp in ports; # expect: 4, T, F
	local v = vector(3, 1, 2);
	v += 9;
	print v, |v|, v[0], v[1:3]; # expect: [3, 1, 2, 9], 4, 3, [1, 2]
	local pairs: set[addr, port] = { [1.2.3.4, 80/tcp] };
	print [1.2.3.4, 80/tcp] in pairs, [1.2.3.4, 81/tcp] in pairs; # expect: T, F
	print set(1, 2) | set(2, 3), set(1, 2) & set(2, 3), set(1, 2) - set(2, 3); # expect: {
	# expect: 1,
	# expect: 2,
	# expect: 3
	# expect: }, {
	# expect: 2
	# expect: }, {
	# expect: 1
	# expect: }
	}
