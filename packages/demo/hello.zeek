# The smallest tour of the language; run it with script-run.
type Visit: record {
	who: addr;
	seen: count &default=1;
};

global visits: table[addr] of Visit;

function note(who: addr): Visit
	{
	if ( who in visits )
		++visits[who]$seen;
	else
		visits[who] = Visit($who=who);
	return visits[who];
	}

event zeek_init()
	{
	for ( i in vector(1, 2, 3) )
		note(i == 2 ? 192.0.2.7 : 192.0.2.1);
	for ( who, visit in visits )
		print fmt("%s came %d times", who, visit$seen);
	}
