# A run-time error abandons its handler body, names its place, and nothing else.
event zeek_init() &priority=5
	{
	local t: table[count] of string;
	print t[5]; # error: run-time-errors.zeek, line 5: no such index
	print "never";
	}

event zeek_init()
	{
	print "goes on"; # expect: goes on
	}
