type R: record { a: count; };
type S: record { a: count; b: count &default=2; };
type E: enum { BIG = 9223372036854775808, SMALL = -1 };
function f(a: count, ) { }
event zeek_init() {
	local x = 5;
	x + 1;
	hook x;
	{ local inner = 3; print inner; }
	print inner;
	local r = T ? R($a=1) : S($a=1);
	when ( x > 3 ) { print "no capture list"; }
	}
function g(t: table[count] of string) {
	local u: table[count] of string &default_insert=function(n: string): string { return n; };
	}
# error: small-mistakes.zeek:3: error: the value of an enumerator must fit an int
# error: small-mistakes.zeek:3: error: the value of an enumerator must be a count constant
# error: small-mistakes.zeek:4: error: syntax error: expected a name of a parameter
# error: small-mistakes.zeek:7: warning: the value of this expression is not used
# error: small-mistakes.zeek:8: error: "hook" must be followed by a call of a hook
# error: small-mistakes.zeek:10: error: "inner" is out of its block here
# error: small-mistakes.zeek:11: error: the two results are of different types
# error: small-mistakes.zeek:12: error: "x" belongs to the function around this one
# error: small-mistakes.zeek:15: error: the &default_insert function must take a key of the table
