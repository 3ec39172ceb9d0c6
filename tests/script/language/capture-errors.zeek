event zeek_init() {
	local used = 1;
	local idle = 2;
	local f = function[used, idle](): count { return used; };
	local g = function[used](n: count): count { local n = used; return n; };
	const fixed = 3;
	for ( fixed in set(1) ) { }
	}
# error: capture-errors.zeek:4: error: "idle" is captured, but not used
# error: capture-errors.zeek:5: error: "n" is already declared in this function
# error: capture-errors.zeek:7: error: the loop cannot use "fixed", which is a constant
