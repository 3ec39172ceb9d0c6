# Lambdas take their captures along when they are made; each copy has its own.
type Box: record { n: count; };

function adder(by: count): function(n: count): count
	{ return function[by](n: count): count { return n + by; }; }

event zeek_init()
	{
	local add5 = adder(5);
	local add7 = adder(7);
	print add5(1), add7(1);
	local total = 10;
	local bump = function[total](n: count): count { total += n; return total; };
	print bump(1), bump(1), total;
	local other = copy(bump);
	print bump(10), other(1);
	# A record is shared by reference, unless it is captured as a copy.
	local box = Box($n=1);
	local shared = function[box](): count { return box$n; };
	local own = function[copy box](): count { return box$n; };
	box$n = 2;
	print shared(), own();
	local fs: vector of function(): count;
	for ( i in vector(1, 2, 3) )
		fs += function[i](): count { return i * 10; };
	print fs[0](), fs[2]();
	# Nested ones reach out level by level.
	local make = function(a: count): function(b: count): count
		{ return function[a](b: count): count { return a * 100 + b; }; };
	print make(3)(4);
	local t: table[string] of count &default=function[total](k: string): count { return |k| + total; };
	print t["abc"];
	}

# What it prints, in order:
# expect: 6, 8
# expect: 11, 12, 10
# expect: 22, 13
# expect: 2, 1
# expect: 0, 20
# expect: 304
# expect: 3
