# Types and names at run time.
module Intro;
export {
	type Color: enum { RED, GREEN };
	const size = 3 &redef;
}
type R: record {
	a: count &log;
	b: string &optional;
	c: bool &default=T;
};
event zeek_init()
	{
	print type_name(1), type_name("s"), type_name(1.2.3.4), type_name(1 sec), type_name(/x/); # expect: count, string, addr, interval, pattern
	print type_name(vector(1)), type_name(set(1/tcp)), type_name(table(["x"] = 1)); # expect: vector of count, set[port], table[string] of count
	print type_name(R($a=1)); # expect: Intro::R
	print type_name(vector(R($a=1))); # expect: vector of Intro::R
	print lookup_ID("Intro::size"), lookup_ID("no::such"); # expect: 3, <unknown id>
	local f = record_fields(R($a=1));
	print f["a"]$type_name, f["a"]$log, f["b"]$optional, f["c"]$log; # expect: count, T, T, F
	print |enum_names(Color)|; # expect: 2
	print "Intro::size" in global_ids(); # expect: T
	print zeek_is_terminating(), reading_live_traffic(); # expect: F, F
	print is_event_handled("zeek_init"); # expect: T
	}
