# One `any` takes any number of arguments as far as the checker goes; the call fails when reached.
function show(x: any) { print x; }
event zeek_init() {
	show(1); # expect: 1
	show(1, 2);
	print "not reached";
	}
event zeek_init() &priority=-1 { print "the next handler runs"; } # expect: the next handler runs
# error: line 5: too many arguments for function call
