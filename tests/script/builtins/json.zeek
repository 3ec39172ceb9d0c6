# Values as JSON and back.
type Inner: record {
	n: count;
	note: string &optional;
};
type Outer: record {
	a: addr &log;
	p: port;
	inner: Inner;
	names: set[string];
	v: vector of double;
	took: interval;
};
type Odd: record { _hidden: count; took: interval &optional; };
type Dashed: record { n_1: count; };
type a_port: port;
type a_while: interval;
type a_pattern: pattern;
type a_subnet: subnet;
type port_set: set[port];
type by_two: table[count, string] of count;
event zeek_init()
	{
	print to_json(1), to_json(-2), to_json(2.5), to_json(T), to_json("q\"\n"); # expect: 1, -2, 2.5, true, "q\"\n"
	print to_json(10.0.0.0/8), to_json(80/tcp); # expect: "10.0.0.0/8", {"port":80,"proto":"tcp"}
	local o = Outer($a=1.2.3.4, $p=53/udp, $inner=Inner($n=7), $names=set("x"), $v=vector(1.0, 0.5), $took=90 sec);
	print to_json(o); # expect: {"a":"1.2.3.4","p":{"port":53,"proto":"udp"},"inner":{"n":7},"names":["x"],"v":[1.0,0.5],"took":"1.0 min 30.0 secs"}
	print to_json(o, T); # expect: {"a":"1.2.3.4"}
	print to_json(table(["k"] = 1)), to_json(table([2, "b"] = T)); # expect: {"k":1}, {"[2,\"b\"]":true}
	local back = from_json("{\"n\": 3, \"note\": \"x\"}", Inner);
	print back$valid, (back$v as Inner)$n; # expect: T, 3
	print from_json("{\"n\": \"three\"}", Inner)$valid; # expect: F
	print from_json("{}", Inner)$err; # expect: required field Inner$n is missing in JSON
	print from_json("[1, 2", vector of count)$valid; # expect: F
	print to_json(Odd($_hidden=1, $took=2 min)), to_json(Odd($_hidden=1), F, /den$/); # expect: {"hidden":1,"took":"2.0 mins"}, {"_hid":1}
	print to_json(90 sec, F, /^_/, T); # expect: 90.0
	local ports = from_json("[\"53/udp\", {\"port\": 80, \"proto\": \"tcp\"}, null]", port_set);
	print ports$valid, |(ports$v as port_set)|, 80/tcp in (ports$v as port_set); # expect: T, 2, T
	print from_json("\"53\"", a_port)$err; # expect: wrong port format, string must be /[0-9]{1,5}\/(tcp|udp|icmp|unknown)/
	print from_json("{\"[1,\\\"a\\\"]\": 5}", by_two)$v; # expect: {
# expect: [1, a] = 5
# expect: }
	print from_json("\"1 hr 5 mins\"", a_while)$v, from_json("90", a_while)$v, from_json("\"1\"", a_while)$valid; # expect: 1.0 hr 5.0 mins, 1.0 min 30.0 secs, F
	# error: error compiling pattern /(/
	print from_json("\"/a|b/\"", a_pattern)$v, from_json("\"(\"", a_pattern)$err; # expect: /^?(a|b)$?/, error compiling pattern
	print from_json("\"[::1]/128\"", a_subnet)$v, from_json("\"10.0.0.0/33\"", a_subnet)$err; # expect: ::1/128, invalid value for subnet: '10.0.0.0/33'
	print from_json("{\"n-1\": 3}", Dashed, function(s: string): string { return gsub(s, /-/, "_"); })$v; # expect: [n_1=3]
	}
