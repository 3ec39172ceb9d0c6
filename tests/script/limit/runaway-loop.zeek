# A handler that never ends is abandoned by its budget; the next one runs.
event zeek_init() &priority=5
	{
	while ( T )
		; # error: runaway-loop.zeek, line 5: instruction budget exceeded
	}

event zeek_init()
	{
	print "next"; # expect: next
	}
