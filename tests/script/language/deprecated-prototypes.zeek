# Deprecation of a prototype or parameter is told where a body takes it, and there only.
global sent: event(a: string, b: string, c: string &deprecated="gone soon");
global sent: event(a: string, b: string);
global sent: event(b: string) &deprecated="say more";
event sent(a: string, b: string, c: string) { print "three"; }
event sent(a: string, b: string) { print "two"; }
event sent(b: string) { print "one"; }
function going() &deprecated { }
event zeek_init() {
	event sent("a", "b", "c");
	# expect: three
	# expect: two
	# expect: one
	going();
	}
# error: deprecated-prototypes.zeek:5: warning: the parameter "c" of "sent" is deprecated: gone soon
# error: deprecated-prototypes.zeek:7: warning: this prototype of "sent" is deprecated: say more
# error: deprecated-prototypes.zeek:14: warning: "going" is deprecated
