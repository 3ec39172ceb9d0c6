# `_` takes what is not wanted.
event zeek_init() {
	local _ = "a";
	local _: count = 1;
	local t: table[string, count] of string = { ["a", 1] = "x" };
	for ( [_, n], _ in t ) print n; # expect: 1
	for ( _, value in t ) print value; # expect: x
	for ( _ in "ab" ) print "once"; # expect: once
	# expect: once
	}
