# options: --time 1000 --time 1005 --time 1010 --time 1015 --time 1020 --time 1025 --time 1030 --time 1035 --time 1040 --time 1050
# Entries go when the table is looked at, every ten seconds, and their time is past.
global made: set[string] &create_expire=12sec;
global seen: table[string] of count &read_expire=12sec;
global kept: table[string] of count &create_expire=5sec
	&expire_func=function(t: table[string] of count, k: string): interval
		{
		print "expire_func", k, t[k];
		if ( t[k] > 0 )
			{
			t[k] = 0;
			return 10sec;
			}
		return 0sec;
		};

event look(round: count)
	{
	print round, |made|, |seen|, |kept|;
	if ( round < 3 && "b" in seen )
		print "read";
	if ( round < 7 ) schedule 5sec { look(round + 1) };
	}

event zeek_init()
	{ schedule 1sec { look(0) }; }

event fill()
	{
	add made["a"];
	seen["b"] = 1;
	kept["c"] = 1;
	}

event zeek_init() &priority=5
	{ schedule 1sec { fill() }; }

# What it prints, in order:
# expect: 0, 1, 1, 1
# expect: read
# expect: 1, 1, 1, 1
# expect: read
# expect: expire_func, c, 1
# expect: 2, 1, 1, 1
# expect: read
# expect: 3, 1, 1, 1
# expect: 4, 0, 1, 1
# expect: 5, 0, 1, 1
# expect: expire_func, c, 0
# expect: 6, 0, 0, 0
# expect: 7, 0, 0, 0
