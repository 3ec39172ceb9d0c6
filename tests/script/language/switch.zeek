# switch takes the first label that fits; fallthrough goes on to the next.
type Color: enum { RED, GREEN, BLUE };

function number(n: count): string
	{
	switch ( n )
		{
		case 1, 2: return "low";
		case 3:
			fallthrough;
		case 4: return "middle";
		default: return "high";
		}
	}

event zeek_init()
	{
	print number(1), number(2), number(3), number(4), number(5);
	for ( i, c in vector(RED, BLUE) )
		switch ( c )
			{
			case RED: print "red"; break;
			case GREEN: print "green"; break;
			case BLUE: print "blue"; break;
			}
	switch ( "b" + "c" )
		{
		case "bc": print "text"; break;
		case "x": print "no"; break;
		}
	switch ( 10.0.0.1 )
		{
		case 10.0.0.2, 10.0.0.1: print "address"; break;
		}
	local n = 0;
	while ( T )
		{
		++n;
		switch ( n )
			{
			case 2: next;
			case 4: break;
			}
		if ( n >= 4 ) break;
		print n;
		}
	}

# What it prints, in order:
# expect: low, low, middle, middle, high
# expect: red
# expect: blue
# expect: text
# expect: address
# expect: 1
# expect: 3
