# fmt(), arithmetic and conversions.
event zeek_init()
	{
	print fmt("*%10s*%-6s*", "right", "left"); # expect: *     right*left  *
	print fmt("%d %x %05d %.3f %e", -7, 255, 42, 3.14159, 1500.0); # expect: -7 ff 00042 3.142 1.500000e+03
	print fmt("%d%%", 50); # expect: 50%
	print fmt("%s %s %s", 10.0.0.1, 22/tcp, 3 min); # expect: 10.0.0.1 22/tcp 3.0 mins
	print fmt("%x", 127.0.0.1); # expect: 7f000001
	print fmt("%.2f", 90 sec); # expect: 90.00
	print floor(-3.14), ceil(3.14), sqrt(2.0) > 1.414, pow(2.0, 10.0); # expect: -4.0, 4.0, T, 1024.0
	print exp(0.0), ln(1.0), log10(1000.0), log2(8.0); # expect: 1.0, 0.0, 3.0, 3.0
	print modulo(-7, 3); # expect: 2
	print to_count("17"), to_count("ff", 16), to_int("-5"), to_double("2.5"); # expect: 17, 255, -5, 2.5
	print to_count(" 7 "), to_count("7x"); # expect: 7, 0
	# error: bad conversion to count: 7x
	print double_to_count(2.5), double_to_count(3.5), double_to_int(-1.2); # expect: 2, 4, -1
	print int_to_count(4), count_to_double(3), int_to_double(-3); # expect: 4, 3.0, -3.0
	print interval_to_double(2 min), double_to_interval(1.5); # expect: 120.0, 1.0 sec 500.0 msecs
	print time_to_double(double_to_time(12.5)); # expect: 12.5
	print bytestring_to_count("\x01\x02"), bytestring_to_count("\x01\x02", T); # expect: 258, 513
	print bytestring_to_count("\x00\x00\x01\x00\x00"), bytestring_to_count(""); # expect: 65536, 0
	print bytestring_to_double("\x40\x09\x21\xfb\x54\x44\x2d\x18"); # expect: 3.141593
	print bytestring_to_float("\x3f\x80\x00\x00"); # expect: 1.0
	print enum_to_int(tcp); # expect: 1
	print haversine_distance(0.0, 0.0, 0.0, 0.0); # expect: 0.0
	print fnv1a32("a"), fnv1a64("a"); # expect: 3826002220, 12638187200555641996
	}
