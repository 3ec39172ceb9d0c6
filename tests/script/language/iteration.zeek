# A loop over a table may change it: what is deleted is not visited, what is added is not either.
# Zeek makes no such promise, so each such place gets a warning.
event zeek_init()
	{
	local t: table[count] of string = { [1] = "a", [2] = "b", [3] = "c" };
	for ( k in t )
		{
		print k, t[k];
		if ( k == 1 ) delete t[2];
		t[k + 100] = "new";
		}
	print |t|;
	for ( [a, p], name in table([1.2.3.4, 80/tcp] = "web") )
		print a, p, name;
	for ( c in "xy" )
		print c;
	for ( i, e in vector("p", "q") )
		print i, e;
	local s = set(1, 2, 3);
	for ( k in s )
		delete s[k];
	print |s|;
	}

# What it prints, in order:
# expect: 1, a
# expect: 3, c
# expect: 4
# expect: 1.2.3.4, 80/tcp, web
# expect: x
# expect: y
# expect: 0, p
# expect: 1, q
# expect: 0
# error: iteration.zeek, line 9: possible loop/iterator invalidation
# error: iteration.zeek, line 10: possible loop/iterator invalidation
# error: iteration.zeek, line 21: possible loop/iterator invalidation
