# How deep calls may go, as a script chooses.
function down(n: count): count
	{
	return n == 0 ? 0 : 1 + down(n - 1); # error: recursion-depth.zeek, line 4: maximum recursion depth 10 exceeded
	}

event zeek_init() &priority=2
	{
	print get_max_recursion_depth(); # expect: 1000
	print down(900);                 # expect: 900
	set_max_recursion_depth(0);
	print down(2000);                # expect: 2000
	}

event zeek_init() &priority=1
	{
	set_max_recursion_depth(10);
	print get_max_recursion_depth(); # expect: 10
	print down(8);                   # expect: 8
	print down(9);
	}

event zeek_init()
	{
	# There is no more room than there was, whatever is asked for.
	set_max_recursion_depth(1000000);
	print down(1000000); # error: recursion-depth.zeek, line 4: too many nested calls
	}
