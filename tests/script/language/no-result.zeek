# A function with a result that ends without one says so; what needed the result gives up.
function compare(a: count, b: count): int
	{
	if ( a == 99 )
		return 1;
	}

event zeek_init()
	{
	print sort(vector(3, 1, 2), compare);
	print "not reached";
	}

event zeek_init() &priority=-1
	{
	print "goes on"; # expect: goes on
	}
# error: non-void function returning without a value: compare
# error: no-result.zeek, line 4: comparison function did not return a value
