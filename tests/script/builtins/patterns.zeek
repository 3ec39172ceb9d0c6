# What the builtins do with patterns: leftmost, then longest.
event zeek_init()
	{
	print split_string("a,b;c", /[,;]/); # expect: [a, b, c]
	print split_string1("k=v=w", /=/); # expect: [k, v=w]
	print split_string_all("a-b--cd", /(\-)+/); # expect: [a, -, b, --, cd]
	print split_string_n("a.b.c.d", /\./, F, 2); # expect: [a, b, c.d]
	print split_string("test", /^t/); # expect: [, est]
	print split_string("none", /x/); # expect: [none]
	print sub("aXbX", /X/, "-"), gsub("aXbX", /X/, "-"); # expect: a-bX, a-b-
	print gsub("aaa", /a|aa/, "."); # expect: ..
	print sub("foobar", /foo$/, "x"), sub("foobar", /bar$/, "x"); # expect: foobar, foox
	print find_all_ordered("a1b22c333", /[0-9]+/); # expect: [1, 22, 333]
	print |find_all("x y x", /[a-z]/)|; # expect: 2
	print find_first("one two", /t[a-z]+/), find_last("aba", /a/), find_first("aa1a2", /a[0-9]/, 3); # expect: two, a, a2
	print "foo" == string_to_pattern("f.o", F), "f.o" == string_to_pattern("f.o", T), "foo" == string_to_pattern("f.o", T); # expect: T, T, F
	}
