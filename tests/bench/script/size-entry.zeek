# What an entry of a table takes: a number by a number.
global entries: table[count] of count;

event zeek_init()
	{
	local i = 0;

	while ( i < 1000000 )
		{
		entries[i * 7] = i;
		++i;
		}

	print |entries|;
	}
