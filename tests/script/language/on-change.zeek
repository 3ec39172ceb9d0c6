# &on_change sees every change, with the value that was there before (or is new).
global t: table[string] of count
	&on_change=function(tab: table[string] of count, what: TableChange, k: string, v: count)
		{ print what, k, v; };
global s: set[count]
	&on_change=function(tab: set[count], what: TableChange, k: count)
		{ print what, k; };

event zeek_init()
	{
	t["a"] = 1;
	t["a"] = 2;
	delete t["a"];
	delete t["never there"];
	add s[5];
	delete s[5];
	}

# What it prints, in order:
# expect: TABLE_ELEMENT_NEW, a, 1
# expect: TABLE_ELEMENT_CHANGED, a, 1
# expect: TABLE_ELEMENT_REMOVED, a, 2
# expect: TABLE_ELEMENT_NEW, 5
# expect: TABLE_ELEMENT_REMOVED, 5
