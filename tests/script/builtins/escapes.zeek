# Renderings of bytes and back.
event zeek_init()
	{
	print string_to_ascii_hex("\x01ab"); # expect: 016162
	print bytestring_to_hexstr("04"), hexstr_to_bytestring("3034"); # expect: 3034, 04
	print encode_base64("bulkhead"), decode_base64("YnVsa2hlYWQ="); # expect: YnVsa2hlYWQ=, bulkhead
	print is_valid_base64("YQ=="), is_valid_base64("Y^"); # expect: T, F
	print uuid_to_string("\xfe\x80\x3b\x40\xed\x78\x2d\x10\x8d\x68\x13\x59\x5b\x1c\x45\x68"); # expect: 403b80fe-78ed-102d-8d68-13595b1c4568
	print uuid_to_string("short"); # expect: <Invalid UUID>
	print safe_shell_quote("a `b` $c \"d\""); # expect: "a \`b\` \$c \"d\""
	print convert_for_pattern("a.b*c"); # expect: a\.b\*c
	print unescape_URI("a%20b%2fc"); # expect: a b/c
	print compress_path("/a/b/../c/./d//e"); # expect: /a/c/d/e
	print file_mode(420), file_mode(3565); # expect: rw-r--r--, rwsr-sr-x
	print escape_string("a\x02\\") == "a\\x02\\\\"; # expect: T
	print clean("a\x02\\") == "a\\x02\\"; # expect: T
	print to_string_literal("a'\x02") == "a\\'\\x02"; # expect: T
	print hexdump("AB") == "0000  41 42                                             AB\n"; # expect: T
	}
