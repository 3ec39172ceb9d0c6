# Recursion without end is abandoned at the frame limit.
function down(n: count): count
	{
	return down(n + 1) + 1; # error: recursion.zeek, line 4: maximum recursion depth 1000 exceeded
	}

event zeek_init() &priority=5
	{
	print down(0);
	}

event zeek_init()
	{
	print "next"; # expect: next
	}
