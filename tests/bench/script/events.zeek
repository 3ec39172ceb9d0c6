# An event with four handlers, of two priorities, queued 300,000 times by itself. Lua has no
# events: its program has a queue and a list of functions.
global total = 0;
global tick: event(n: count, name: string);

event tick(n: count, name: string)
	{
	total += n;
	}

event tick(n: count, name: string) &priority=5
	{
	total += |name|;
	}

event tick(n: count, name: string) &priority=-5
	{
	total = total % 1000003;
	}

event tick(n: count, name: string)
	{
	if ( n > 0 )
		event tick(n - 1, name);
	}

event zeek_init()
	{
	event tick(300000, "some name");
	}

event zeek_done()
	{
	print total;
	}
