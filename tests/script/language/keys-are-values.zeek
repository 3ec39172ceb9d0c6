# A key that is a record, vector or table stays as it was put in, whatever becomes of it.
type Point: record { x: count; near: set[count] &optional; };

event zeek_init()
	{
	local p = Point($x=1);
	local seen: table[Point] of string;
	seen[p] = "one";
	p$x = 2;
	print p in seen, Point($x=1) in seen; # expect: F, T
	seen[p] = "two";
	p$x = 3;
	for ( k, what in seen )
		print k$x, what;
	# expect: 1, one
	# expect: 2, two

	# The same where nothing is looked up by it.
	local points: set[Point] = set(p);
	p$near = set(7);
	add points[p];
	add p$near[8];
	print |points|, Point($x=3, $near=set(7)) in points, p in points; # expect: 2, T, F

	local v = vector(1, 2);
	local by_list = table([v] = "list");
	v += 3;
	print vector(1, 2) in by_list, v in by_list; # expect: T, F

	# What is in the table already is kept; no second key appears.
	p = Point($x=1);
	seen[p] = "uno";
	print |seen|, seen[Point($x=1)]; # expect: 2, uno
	}
