# Adding to a pattern: it matches either, and its text shows what was added first.
global words = /one/;

event zeek_init()
	{
	local p = /foo/;
	p += /bar/;
	print p;             # expect: /(^?(^?(bar)$?)$?)|(^?(^?(foo)$?)$?)/
	print p == "foo", p == "bar", p == "foobar"; # expect: T, T, F
	words += /two/;
	words += /three/;
	print words == "one", words == "three", words in "a two b", words == "four"; # expect: T, T, T, F
	print /a/ | /b/;     # expect: /(^?(a)$?)|(^?(b)$?)/
	}
