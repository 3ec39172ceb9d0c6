# Where strings resemble each other.
function show(a: string, b: string, how: sw_params)
	{
	for ( i, part in str_smith_waterman(a, b, how) )
		print part$str, part$aligns[0]$index, part$aligns[1]$index, part$new;
	}

event zeek_init()
	{
	show("one GET two", "GE GET", []);                      # expect:  GET, 3, 2, T
	show("GET /a", "xx GET", [$min_strlen=4]);
	print "apart";                                          # expect: apart
	local all = sw_params($min_strlen=2, $sw_variant=1);
	show("ABCD", "..CD.AB-CD.AB..", all);
	# expect: CD, 2, 2, T
	# expect: AB, 0, 5, T
	# expect: CD, 2, 8, F
	# expect: AB, 0, 11, T
	local part = str_smith_waterman("xab", "ab", all)[0];
	print part$aligns[0]$str, part$aligns[1]$str;           # expect: xab, ab
	local long = string_fill(4000, "abc");
	str_smith_waterman(long, long, all);                    # error: resemblance.zeek, line 22: str_smith_waterman: the strings are too long together
	}
