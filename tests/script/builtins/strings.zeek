# Text edits, searches and classes of characters.
event zeek_init()
	{
	print string_cat("a", "b", "c"); # expect: abc
	print cat("n", 3, T, 1.5, 80/tcp); # expect: n3T1.580/tcp
	print cat_sep("|", "-", "a", "", 3); # expect: a|-|3
	print join_string_vec(vector("x", "y", "z"), ", "); # expect: x, y, z
	print join_string_set(set("only"), ", "); # expect: only
	print sub_bytes("abcdef", 2, 3); # expect: bcd
	print sub_bytes("abcdef", 0, 2); # expect: ab
	print sub_bytes("abcdef", 5, 99); # expect: ef
	print |sub_bytes("abc", 9, 1)|; # expect: 0
	print edit("hello there", "e"); # expect: llo t
	print strstr("bulkhead", "head"); # expect: 5
	print strstr("bulkhead", "x"); # expect: 0
	print subst_string("a-b-c", "-", "+"); # expect: a+b+c
	print to_lower("MiXed 1"), to_upper("MiXed 1"); # expect: mixed 1, MIXED 1
	print swap_case("aBc"), to_title("two  words"); # expect: AbC, Two  Words
	print fmt("[%s]", strip("  in between \t")); # expect: [in between]
	print lstrip("xxabxx", "x"), rstrip("xxabxx", "x"); # expect: abxx, xxab
	print reverse("abc"); # expect: cba
	print count_substr("aabbaa", "aa"); # expect: 2
	print find_str("abcdefghi", "efg", 2, 6); # expect: 4
	print find_str("abcdefghi", "ABC", 0, -1, F); # expect: 0
	print rfind_str("abcabc", "abc"); # expect: 3
	print starts_with("package", "pack"), ends_with("package", "age"); # expect: T, T
	print is_num("123"), is_num(""), is_alpha("ab"), is_alnum("a1"), is_alnum("#"); # expect: T, F, T, T, F
	print is_ascii("abc"), is_ascii("\xff"); # expect: T, F
	print fmt("[%s]", ljust("ab", 4)), fmt("[%s]", rjust("ab", 4, "-")), zfill("7", 3); # expect: [ab  ], [--ab], 007
	print remove_prefix("banana", "ba"), remove_suffix("banana", "na"); # expect: nana, ba
	print levenshtein_distance("kitten", "sitting"); # expect: 3
	print strcmp("a", "b") < 0, strcmp("b", "a") > 0, strcmp("a", "a") == 0; # expect: T, T, T
	print str_split_indices("hello world", vector(5, 8)); # expect: [hello,  wo, rld]
	print |string_fill(5, "ab")|; # expect: 5
	}
