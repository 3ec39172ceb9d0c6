# What an entry of a table takes that an address leads to.
global entries: table[addr] of count;

event zeek_init()
	{
	local i = 0;

	while ( i < 300000 )
		{
		entries[count_to_v4_addr(167772160 + i * 7)] = i;
		++i;
		}

	print |entries|;
	}
