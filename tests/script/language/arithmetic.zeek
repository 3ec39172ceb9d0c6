# Numbers, times and addresses.
event zeek_init()
	{
	print 7 / 2, 7 % 2, 7.0 / 2, -7 / 2; # expect: 3, 1, 3.5, -3
	print 1 + 2 * 3, (1 + 2) * 3, 1 << 4, 255 & 15; # expect: 7, 9, 16, 15
	print 5 sec + 1 min, 90 sec / 2, 1 hr > 59 min; # expect: 1.0 min 5.0 secs, 45.0 secs, T
	print 10.1.2.3 in 10.0.0.0/8, 10.1.2.3 / 16; # expect: T, 10.1.0.0/16
	print "abc" == "abc", "bc" in "abc", /b./ in "abc", /b/ == "abc"; # expect: T, T, T, F
	print |-5|, |"four"|, |set(1, 2)|; # expect: 5, 4, 2
	print 80/tcp < 53/udp, 1.5 as double; # expect: T, 1.5
	}
