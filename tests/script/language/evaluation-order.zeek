# Operands are taken from left to right, and what is on the left of += before what is on its right.
global word = "w";
global list: vector of count;
global unmade: function(n: count): count;
global also_unmade: function(n: count): count;

function replace_list(): count {
	list = vector();
	return 7;
	}

function noisy(n: count): count {
	print "never said";
	return n;
	}

event zeek_init() &priority=5 {
	local x = 3;
	x += ++x;
	print x; # expect: 7
	x = 3;
	x -= (x = 1) + 1;
	print x; # expect: 1
	local s = "a";
	s += (s = "b") + s;
	print s; # expect: abb
	print (word = "c") + word, (word += "d") + word; # expect: cc, cdcd
	local parts = vector("x");
	print (parts[0] = "y") + parts[0], (parts[0] += "z") + parts[0]; # expect: yy, yzyz
	local old = list;
	list += replace_list();
	print old, list; # expect: [7], []
	}

event zeek_init() &priority=4 {
	local missing: table[string] of set[count];
	missing["x"] += set(noisy(1));
	}
# error: no such index

event zeek_init() &priority=3 {
	unmade(noisy(1));
	}
# error: value used but not set (unmade)

event zeek_init() &priority=2 {
	local f = also_unmade;
	print "never said either";
	}
# error: value used but not set (also_unmade)

event zeek_init() &priority=1 {
	local numbers = vector(1, 2, 3);
	print numbers[18446744073709551615]; # expect: 3
	print numbers[9223372036854775808];
	}
# error: no such index
