# A branch without braces and a loop's variables belong to the block around them.
global together: table[port] of interval = { [[21/tcp, 22/tcp]] = 1hr, [23/tcp] = 2hr };

# An older form of &expire_func takes all indices as one value.
function old_form(t: table[string, count] of bool, keys: any): interval
	{
	local name: string;
	local number: count;
	[name, number] = keys;
	return 0sec;
	}

global entries: table[string, count] of bool &create_expire=1sec &expire_func=old_form;

event zeek_init()
	{
	if ( F )
		local suffix = "txt";
	else
		suffix = "bin";
	print suffix; # expect: bin
	for ( key in set(5) )
		{
		local inside = key;
		}
	print key; # expect: 5
	local key = "again";
	print key; # expect: again
	for ( key in table(["x"] = 1) )
		print key; # expect: x
	print |together|, together[22/tcp]; # expect: 3, 1.0 hr
	}

event Elsewhere::happened(n: count) { print "first", n; } # expect: first, 1

module Other;

event Elsewhere::happened(n: count) { print "second", n; } # expect: second, 1

event zeek_init() &priority=-1 { event Elsewhere::happened(1); }
