# options: --time 100 --time 101 --time 102 --time 103
# What a `when` is looked at again for: the variables, containers and records that its condition reads.
type Item: record { name: string; tags: set[string] &optional; };
global unset: int;
global items: table[count] of Item;
global answer: function(): string;
global change: event();
global finish: event();

event zeek_init()
	{
	items[1] = Item($name="one", $tags=set("old"));
	when ( local a = answer() )
		{ print "answered", a; }
	when ( unset > 5 )
		{ print "set", unset; }
	when ( items[1]$name == "uno" )
		{ print "renamed"; }
	# The set inside is not what the condition reads: the record is.
	when ( "new" in items[1]$tags )
		{ print "not reached"; }
	timeout 1sec
		{ print "gave up"; }
	when ( 2 in items )
		{ print "second item"; }
	schedule 500msec { change() };
	}

event change()
	{
	print "changing";
	unset = 9;
	answer = function(): string { return "yes"; };
	items[2] = Item($name="two");
	schedule 2sec { finish() };
	}

event finish()
	{
	items[1]$name = "uno";
	}
# error: when-changes.zeek, line 13: value used but not set (answer)
# error: when-changes.zeek, line 15: value used but not set (unset)
# expect: changing
# expect: set, 9
# expect: answered, yes
# expect: second item
# expect: gave up
# expect: renamed
