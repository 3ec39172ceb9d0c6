# A function that is assigned to is a variable; its body, if it has one, is what it begins with.
global later: function(n: count): count;
function twice(n: count): count { return 2 * n; }
function thrice(n: count): count { return 3 * n; }
function quadruple(n: count): count { return 4 * n; }
global handler: event(n: count);
event other(n: count) { print "other", n; } # expect: 8
# expect: 12
# expect: 9
# expect: other, 6

event zeek_init() {
	later = quadruple;
	print later(2);
	print later(3);
	twice = thrice;
	print twice(3);
	handler = other;
	event handler(6);
	}
