# Short strings out of parts, and one that grows by a piece at a time: 600,000 of each.
event zeek_init()
	{
	local total = 0;
	local all = "";
	local i = 0;

	while ( i < 600000 )
		{
		local s = "host-" + cat(i) + ".example";
		total += |s|;
		all += "x";

		if ( |all| == 2000 )
			{
			total += |all|;
			all = "";
			}

		++i;
		}

	print total + |all|;
	}
