# options: --time 100 --time 101 --time 102 --time 103 --time 104
# A when waits for its condition, holds what it captured, and gives up after its timeout.
global n = 0;
global flags: set[string];

event bump()
	{
	++n;
	print "bump", n;
	if ( n == 2 ) add flags["go"];
	if ( n < 4 ) schedule 1sec { bump() };
	}

event zeek_init()
	{
	local mark = "captured";
	when [mark] ( n == 2 )
		{ print "n is 2", mark; }
	when ( "go" in flags )
		{ print "go is set"; }
	timeout 1hr
		{ print "not reached"; }
	when ( n == 99 )
		{ print "not reached"; }
	timeout 2.5sec
		{ print "gave up"; }
	when ( n == 0 )
		{ print "at once"; }
	schedule 1sec { bump() };
	}

# What it prints, in order:
# expect: at once
# expect: bump, 1
# expect: bump, 2
# expect: n is 2, captured
# expect: go is set
# expect: bump, 3
# expect: gave up
# expect: bump, 4
