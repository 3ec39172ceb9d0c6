# Every type as print shows it, alone and inside others.
type Inner: record { a: addr; w: interval; };
type Outer: record { i: Inner; missing: string &optional; v: vector of double; };
type Color: enum { RED = 3, BLUE };

event zeek_init()
	{
	print T, F, 5, -5, 1.0, 1.5, 1e30, 0.000001, 123456789.125, -0.0;
	print 0sec, 1sec, 90sec, 1.5day, 250msec, 3usec, -2hrs, 1day + 2hrs;
	print 10.0.0.1, [::1], [2001:db8::A:0], 192.168.0.0/16, [fe80::]/10;
	print 80/tcp, 53/udp, 8/icmp, 1/unknown, RED, BLUE;
	print "tab\tnul\x00high\xffquote\"back\\slash";
	print /a|b/, /x/i, zeek_init;
	print Outer($i=Inner($a=1.2.3.4, $w=1min), $v=vector(1, 2.5));
	print vector(vector(1), vector()), set("a"), table(["k"] = set(1.2.3.4));
	}

# What it prints, in order:
# expect: T, F, 5, -5, 1.0, 1.5, 1e+30, 0.000001, 123456789.125, 0.0
# expect: 0 secs, 1.0 sec, 1.0 min 30.0 secs, 1.0 day 12.0 hrs, 250.0 msecs, 3.0 usecs, -2.0 hrs, 1.0 day 2.0 hrs
# expect: 10.0.0.1, ::1, 2001:db8::a:0, 192.168.0.0/16, fe80::/10
# expect: 80/tcp, 53/udp, 8/icmp, 1/unknown, RED, BLUE
# expect: tab\x09nul\x00high\xffquote"back\slash
# expect: /^?(a|b)$?/, /(?i:^?(x)$?)/, zeek_init
# expect: [i=[a=1.2.3.4, w=1.0 min], missing=<uninitialized>, v=[1.0, 2.5]]
# expect: [[1], []], {
# expect: a
# expect: }, {
# expect: [k] = {
# expect: 1.2.3.4
# expect: }
# expect: }
