# Operators work on vectors element by element, with a scalar beside them too; unset elements stay so.
event zeek_init()
	{
	local v = vector(1, 2, 3);
	print v + vector(10, 20, 30), v * 2, -v, v > 1;
	print v + 0.5;
	local w: vector of count;
	w[2] = 5;
	print w, |w|, 0 in w, 2 in w;
	for ( i in w )
		print i, w[i];
	print (vector(T, F) && vector(T, T)), ! vector(T, F);
	v += vector(4, 5);
	v += 6;
	print v;
	local names = vector("a", "b");
	print names + "!";
	print v[10]; # error: no such index
	}

# What it prints, in order:
# expect: [11, 22, 33], [2, 4, 6], [-1, -2, -3], [F, T, T]
# expect: [1.5, 2.5, 3.5]
# expect: [, , 5], 3, F, T
# expect: 2, 5
# expect: [T, F], [F, T]
# expect: [1, 2, 3, 4, 5, 6]
# expect: [a!, b!]
