# A table indexed by patterns answers a string with every value whose pattern matches the whole of it.
global kinds: table[pattern] of string = {
	[/foo.*/] = "foo",
	[/.*bar/] = "bar",
	[/baz/] = "baz",
};

event zeek_init()
	{
	print kinds["foobar"], kinds["baz"], kinds["nothing"];
	print "foo" in kinds, "xfoo" in kinds;
	kinds[/x+/] = "x";
	print kinds["xxx"];
	delete kinds[/x+/];
	print kinds["xxx"];
	}

# What it prints, in order:
# expect: [foo, bar], [baz], []
# expect: T, F
# expect: [x]
# expect: []
