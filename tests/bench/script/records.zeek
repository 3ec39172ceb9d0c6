# A table indexed by records of two fields. Lua compares tables by identity, so that its program
# makes a string of the fields, which is what is done there.
type Flow: record {
	host: string;
	service: port;
};

event zeek_init()
	{
	local seen: table[Flow] of count;
	local hosts = vector("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta");
	local round = 0;

	while ( round < 600000 )
		{
		local key = Flow($host=hosts[round % 8], $service=count_to_port(round % 1000, tcp));

		if ( key in seen )
			++seen[key];
		else
			seen[key] = 1;

		++round;
		}

	local total = 0;

	for ( _, n in seen )
		total += n;

	print total, |seen|;
	}
