# Union, intersection and difference of two sets of 2,000 numbers each, 100 times.
event zeek_init()
	{
	local a: set[count];
	local b: set[count];
	local i = 0;

	while ( i < 2000 )
		{
		add a[i];
		add b[i + 1000];
		++i;
		}

	local total = 0;
	local round = 0;

	while ( round < 100 )
		{
		total += |a | b| + |a & b| + |a - b|;
		++round;
		}

	print total;
	}
