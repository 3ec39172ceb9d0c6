# Events run in the order in which they were raised, bodies by priority; hooks stop at a break.
global e: event(n: count);
global h: hook(n: count);

event e(n: count) &priority=-5 { print "late", n; }
event e(n: count) &priority=5 { print "early", n; }

hook h(n: count) &priority=10 { print "first", n; if ( n > 1 ) break; }
hook h(n: count) { print "second", n; }

event zeek_init()
	{
	event e(1);
	event e(2);
	print "raised"; # expect: raised
	# expect: early, 1
	# expect: late, 1
	# expect: early, 2
	# expect: late, 2
	}

event zeek_done()
	{
	print hook h(1); # expect: first, 1
	# expect: second, 1
	# expect: T
	print hook h(2); # expect: first, 2
	# expect: F
	}
