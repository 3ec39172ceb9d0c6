# A container that changes inside a loop over it gets a warning, once for each place.
event zeek_init()
	{
	local t = table([1] = "one", [2] = "two");
	for ( i in t )
		t[i] = "changed"; # no entry comes or goes
	for ( i in t )
		{
		t[3] = "three";
		break;
		}
	for ( i in t )
		{
		delete t[1];
		delete t[99];
		break;
		}
	print |t|; # expect: 2
	local s = set(1);
	for ( i in s )
		{
		add s[1];
		add s[2];
		break;
		}
	print |s|; # expect: 2
	local v: vector of count = { 1, 2 };
	v += { 3, 4 };
	v += 5;
	print v; # expect: [1, 2, 3, 4, 5]
	}
# error: loop-changes.zeek, line 9: possible loop/iterator invalidation
# error: loop-changes.zeek, line 14: possible loop/iterator invalidation
# error: loop-changes.zeek, line 23: possible loop/iterator invalidation
