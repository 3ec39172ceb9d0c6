# Lists in brackets without a type around: a set, a table, a record.
event zeek_init() {
	local some = [3, 4, ];
	print type_name(some), 4 in some; # expect: set[count], T
	local none = [];
	print type_name(none); # expect: record {  }
	local named = [$a=1, $b="x"];
	print named$b; # expect: x
	print type_name(set()), type_name(table()); # expect: set(), table()
	local c = 7;
	c += +2;
	c -= -3;
	print c; # expect: 12
	print set(1, 2) > set(1), set(1) >= set(1), set(1) > set(1); # expect: T, T, F
	local v: vector of set[count];
	v += vector();
	print |v|; # expect: 0
	}
