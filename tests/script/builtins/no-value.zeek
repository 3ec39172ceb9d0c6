# A builtin that has no value leaves its statement out, and the script goes on behind it.
# error: no-value.zeek, line 17: Fill string passed to ljust() must be a single character
type Pair: record { left: string &optional; };
global told = 0;

function wrong(): string
	{
	return rjust("x", 3, "two");
	}

function tell(): string { ++told; return "xx"; }

event zeek_init() &priority=9
	{
	local pair: Pair;
	print "before"; # expect: before
	print ljust("x", 3, "two"), "not told";
	print "behind"; # expect: behind

	pair$left = ljust("x", 3, "two");
	print pair?$left; # expect: F
	pair$left = "kept";
	pair$left += ljust("x", 3, "two");
	print pair$left; # expect: kept

	# The whole of a compound statement, if its head has no value; else the one within.
	if ( ljust("x", 3, tell()) == "x" )
		print "not told";
	else
		print "not told either";
	print told; # expect: 1
	for ( i in vector("a", "b") )
		{
		print i; # expect: 0
		# expect: 1
		print ljust("x", 3, "two");
		}
	while ( told < 3 )
		{
		++told;
		print ljust("x", 3, "two");
		}
	print told; # expect: 3
	switch ( ljust("x", 3, "two") ) {
	default:
		print "not told";
		break;
	}
	for ( c in ljust("x", 3, "two") )
		print "not told";
	print "done"; # expect: done
	}

# A variable without its value takes its handler with it, a function its caller's.
event zeek_init() &priority=8
	{
	print "declares"; # expect: declares
	local s = ljust("x", 3, "two");
	print "not told", s;
	}

event zeek_init() &priority=7
	{
	print "calls"; # expect: calls
	print wrong();
	print "not told";
	}
# error: non-void function returning without a value: wrong

event zeek_init() &priority=6
	{
	local f = ljust;
	print "by value"; # expect: by value
	print f("x", 3, "two");
	print "behind"; # expect: behind
	}
