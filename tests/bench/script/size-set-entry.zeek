# What a number in a set takes.
global numbers: set[count];

event zeek_init()
	{
	local i = 0;

	while ( i < 1000000 )
		{
		add numbers[i * 7];
		++i;
		}

	print |numbers|;
	}
