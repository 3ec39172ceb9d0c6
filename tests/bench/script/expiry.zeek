# A million entries that each expire, all of them through the function. Lua has nothing of the kind.
global expired = 0;

function gone(t: table[count] of string, index: count): interval
	{
	++expired;
	return 0 sec;
	}

global entries: table[count] of string &create_expire=1 min &expire_func=gone;

event zeek_init()
	{
	local i = 0;

	while ( i < 1000000 )
		{
		entries[i] = "value";
		++i;
		}
	}

event zeek_done()
	{
	print expired, |entries|;
	}
