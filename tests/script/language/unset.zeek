# Using what was never set is a run-time error that ends the handler, not the run.
type R: record { n: count &optional; s: string &optional; };
global g: count;

event zeek_init() &priority=3
	{
	local x: count;
	print x; # error: value used but not set (x)
	}

event zeek_init() &priority=2
	{
	local r = R();
	print r?$n, r;
	print r$n; # error: field value missing ($n)
	}

event zeek_init() &priority=1
	{
	print g; # error: value used but not set (g)
	}

event zeek_init()
	{
	local x: count;
	local s: string;
	if ( T )
		{
		x = 1;
		s = "set";
		}
	print x, s;
	local t: table[count] of count;
	local v: vector of string;
	print |t|, |v|;
	local r = R($n=1, $s="a");
	delete r$n;
	print r;
	}

# What it prints, in order:
# expect: F, [n=<uninitialized>, s=<uninitialized>]
# expect: 1, set
# expect: 0, 0
# expect: [n=<uninitialized>, s=a]
