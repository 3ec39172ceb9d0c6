# A line of eight fields split at its commas and joined again, 150,000 times.
event zeek_init()
	{
	local line = "alpha,beta,gamma,delta,epsilon,zeta,eta,theta";
	local total = 0;
	local i = 0;

	while ( i < 150000 )
		{
		local parts = split_string(line, /,/);
		total += |parts| + |join_string_vec(parts, ";")|;
		++i;
		}

	print total;
	}
