# `as` between types that write one value in another way, and `?as` that asks whether it can.
event zeek_init() {
	print "42" as count, " 7 " as count, "-3" as int, "2.5" as double; # expect: 42, 7, -3, 2.5
	print "x" ?as count, "" ?as double, "1" ?as int; # expect: F, F, T
	print 3.5 as count, 2.5 as int, -3.9 as int; # expect: 4, 2, -4
	local negative: int = -1;
	print negative ?as count, 7 as double; # expect: F, 7.0
	print 90 as interval, 1.5 min as double; # expect: 1.0 min 30.0 secs, 90.0
	print "010.000.1.2" as addr, "2001:db8::1" as addr; # expect: 10.0.1.2, 2001:db8::1
	print 16909060 as addr, 4294967296 ?as addr; # expect: 1.2.3.4, F
	print "10.1.0.0/16" as subnet, "::ffff:0:0/100" as subnet; # expect: 10.1.0.0/16, 0.0.0.0/4
	print "10.0.0.0/33" ?as subnet, "10.0.0.0" ?as subnet; # expect: F, F
	print "53/udp" as port, "53" ?as port, 53/udp as count; # expect: 53/udp, F, 53
	print 10.1.2.0/24 as addr; # expect: 10.1.2.0
	local list = vector(3, 3, 5);
	print |list as set[count]|, set(9) as vector of count; # expect: 2, [9]
	}

# What an any holds is taken as it is, or in another form if there is one.
event zeek_init() {
	local number: any = 64;
	print number as count, number as double, number as int; # expect: 64, 64.0, 64
	print number is double, number ?as double, number ?as string; # expect: F, T, F
	local text: any = "42";
	print text as string, text as count, text ?as port; # expect: 42, 42, F
	local list: any = vector(5, 5);
	print |list as set[count]|, |list as vector of count|; # expect: 1, 2
	}

event zeek_init() &priority=-2 {
	local text: any = "no number";
	print text as int;
	}
# error: this string has no form as int

type Color: enum { RED, GREEN = 5 };
event zeek_init() &priority=-1 {
	print GREEN as int; # expect: 5
	print "no number" as count;
	print "not reached";
	}
# error: this string has no form as count
