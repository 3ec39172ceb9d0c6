# A function that calls itself: 2.7 million calls with one argument.
function fib(n: count): count
	{
	if ( n < 2 )
		return n;

	return fib(n - 1) + fib(n - 2);
	}

event zeek_init()
	{
	print fib(31);
	}
