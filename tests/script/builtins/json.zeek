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
	}
