# Integer arithmetic in a loop, ten million times round.
event zeek_init()
	{
	local sum = 0;
	local i = 0;

	while ( i < 10000000 )
		{
		sum = (sum * 31 + i) % 1000003;
		++i;
		}

	print sum;
	}
