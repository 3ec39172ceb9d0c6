# Sets: union, intersection, difference, comparison; += and -= of a whole set.
event zeek_init()
	{
	local a = set(1, 2, 3);
	local b = set(3, 4);
	print |a | b|, a & b == set(3), a - b == set(1, 2);
	print set(1) < a, a <= a, a < a, a == set(3, 2, 1);
	a += b;
	print |a|;
	a -= b;
	print |a|, 4 in a, 4 !in a;
	local c = copy(a);
	delete a;
	print |a|, |c|;
	local nested: set[set[count]] = set(set(1, 2), set(3));
	print set(2, 1) in nested, set(4) in nested;
	}

# What it prints, in order:
# expect: 4, T, T
# expect: T, T, F, T
# expect: 4
# expect: 2, F, T
# expect: 0, 2
# expect: T, F
