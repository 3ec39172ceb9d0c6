# What `assert` tells its hooks, and what they decide about the error.

hook assertion_result(result: bool, cond: string, msg: string, bt: Backtrace)
	{
	print "result", result, cond, msg, |bt|, bt[0]$function_name;
	}

hook assertion_failure(cond: string, msg: string, bt: Backtrace)
	{
	print "failure", cond, msg, bt[1]$function_name;
	if ( msg == "silent" )
		break;
	}

function twice(n: count): count
	{
	print "evaluated";
	return 2 * n;
	}

function claims(loud: bool)
	{
	assert twice(2) > 3;
	assert to_count("5") == 4, loud ? "loud" : "silent";
	print "not reached";
	}

event zeek_init() &priority=2
	{
	claims(F);
	print "not reached";
	}

event zeek_init() &priority=1
	{
	claims(T);
	}

event zeek_init()
	{
	assert 2 + 2 == 4, cat(get_current_packet_header()$ip);
	print "an error in the message ends the handler";
	}

# What it prints, in order:
# expect: evaluated
# expect: result, T, 3 < twice(2), , 3, assert
# expect: result, F, to_count("5", 10) == 4, silent, 3, assert
# expect: failure, to_count("5", 10) == 4, silent, claims
# expect: evaluated
# expect: result, T, 3 < twice(2), , 3, assert
# expect: result, F, to_count("5", 10) == 4, loud, 3, assert
# expect: failure, to_count("5", 10) == 4, loud, claims
# error: assertion failure: to_count("5", 10) == 4 (loud)
# error: field value missing
