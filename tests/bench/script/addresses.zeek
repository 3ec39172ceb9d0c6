# A table with 50,000 addresses: filled, counted up 20 times, looked up and emptied. Lua has no
# addresses: its program has them as strings, made beforehand like those here.
event zeek_init()
	{
	local seen: table[addr] of count;
	local hosts: vector of addr;
	local i = 0;

	while ( i < 50000 )
		{
		hosts[i] = count_to_v4_addr(167772160 + i * 7);
		++i;
		}

	local round = 0;

	while ( round < 20 )
		{
		for ( _, host in hosts )
			{
			if ( host in seen )
				++seen[host];
			else
				seen[host] = 1;
			}

		++round;
		}

	local total = 0;

	for ( _, n in seen )
		total += n;

	for ( _, host in hosts )
		delete seen[host];

	print total + |seen|;
	}
