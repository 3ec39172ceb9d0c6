# Strings and vectors are cut by [from:to], counted from the end when negative, and never out of bounds.
event zeek_init()
	{
	local s = "abcdef";
	print s[0], s[-1], s[1:3], s[:2], s[4:], s[-3:-1], s[2:100], s[5:2] == "";
	local v = vector(0, 1, 2, 3, 4);
	print v[1:3], v[:2], v[-2:], v[3:1];
	v[1:3] = vector(9);
	print v;
	v[1:1] = vector(7, 8);
	print v, v[-1];
	local mask = v == 8;
	print mask, v[mask];
	}

# What it prints, in order:
# expect: a, f, bc, ab, ef, de, cdef, T
# expect: [1, 2], [0, 1], [3, 4], []
# expect: [0, 9, 3, 4]
# expect: [0, 7, 8, 9, 3, 4], 4
# expect: [F, F, T, F, F, F], [8]
