# |f| of a file is what was written since it was opened; a port has its protocol above its number.
event zeek_init()
	{
	local f = open("/dev/null");
	print |f|;            # expect: 0.0
	print f, "12345";
	print |f|;            # expect: 6.0
	write_file(f, "678");
	print |f|;            # expect: 9.0
	close(f);
	print |f|;            # expect: 9.0
	print |open_for_append("/dev/null")|; # expect: 0.0
	print |80/tcp|, |53/udp|; # expect: 65616, 131125
	}
