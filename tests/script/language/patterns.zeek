# Patterns match the whole of a string with ==, any part of it with in.
event zeek_init()
	{
	print /foo|bar/ == "foo", /foo|bar/ == "foox", /foo|bar/ in "a foox";
	print "foo" == /foo/, "foo" != /foo/;
	print /FOO/i == "fOo", /a.c/ == "a\nc", /a.c/s == "a\nc";
	print /"a.c"/ == "a.c", /"a.c"/ == "abc";
	print /^abc/ in "abcd", /^abc/ in "xabc", /abc$/ in "xabc";
	print /[[:digit:]]{2,3}/ == "123", /[^a-c]+/ == "xyz", /\x41\/B/ == "A/B";
	local p = /one/ | /two/;
	print p, p == "two";
	print /a/ & /b/, (/a/ & /b/) == "ab";
	print (/(?i:x)y/ == "Xy"), (/(?i:x)y/ == "XY");
	}

# What it prints, in order:
# expect: T, F, T
# expect: T, F
# expect: T, F, T
# expect: T, F
# expect: T, F, T
# expect: T, T, T
# expect: /(^?(one)$?)|(^?(two)$?)/, T
# expect: /(^?(a)$?)(^?(b)$?)/, T
# expect: T, F
