# A pattern looked for in lines of a web server's kind, 400,000 times; every other one matches. Lua's
# patterns have no alternatives, so that its program looks for one after the other.
event zeek_init()
	{
	local lines = vector("GET /index.html HTTP/1.1", "GET /cgi-bin/admin.php?id=77 HTTP/1.1",
	    "POST /upload/form HTTP/1.0", "GET /images/logo-1234.png HTTP/1.1");
	local found = 0;
	local i = 0;

	while ( i < 400000 )
		{
		if ( /\.php\?[a-z]+=[0-9]+|-[0-9]+\.png/ in lines[i % 4] )
			++found;

		++i;
		}

	print found;
	}
