# Statements: loops, switch with fallthrough, next and break.
event zeek_init()
	{
	local i = 0;
	while ( T )
		{
		++i;
		if ( i == 2 ) next;
		if ( i > 4 ) break;
		print i; # expect: 1
		# expect: 3
		# expect: 4
		}
	switch ( i )
		{
		case 4, 5:
			print "five"; # expect: five
			fallthrough;
		case 6:
			print "six too"; # expect: six too
			break;
		default:
			print "never";
			break;
		}
	local x: any = 5;
	switch ( x )
		{
		case type string: print "text"; break;
		case type count as c: print "count", c + 1; break; # expect: count, 6
		}
	for ( s in "abc" )
		print s; # expect: a
		# expect: b
		# expect: c
	}
