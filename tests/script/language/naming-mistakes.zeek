module M;
export {
	global ::everywhere = 1;
	global ::too = 2;
}
type Rec: record { a: count; };
type Kind: enum { ONE };
type Names: set[string];
redef Rec += { b: count &optional; };
redef Kind += { TWO };
redef Names += { "x" };
function f(::p: count) { }
event zeek_init() {
	local ::l = 1;
	}
# error: naming-mistakes.zeek:3: error: an export section exports names of its module
# error: naming-mistakes.zeek:9: error: "Rec" is a type; write redef record Rec += { ... }
# error: naming-mistakes.zeek:10: error: "Kind" is a type; write redef enum Kind += { ... }
# error: naming-mistakes.zeek:11: error: "Names" is a type of kind set, and cannot be redefined
# error: naming-mistakes.zeek:12: error: a parameter is local
# error: naming-mistakes.zeek:14: error: this variable is local
