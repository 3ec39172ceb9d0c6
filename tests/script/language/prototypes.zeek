# Bodies take the prototype whose names they write; a default is the declaration's or, for a function, the body's.
global moved: event(a: string, b: string);
global moved: event(b: string, a: string);
global moved: event(b: string);
event moved(a: string, b: string) { print "as declared", a, b; }
event moved(b: string, a: string) { print "turned", b, a; }
event moved(b: string) { print "one", b; }

global greet: function(name: string &default="you");
function greet(name: string &default="all") { print "hello", name; }

event zeek_init() {
	greet(); # expect: hello, all
	event moved("A", "B");
	# expect: as declared, A, B
	# expect: turned, B, A
	# expect: one, B
	}
