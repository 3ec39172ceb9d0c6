# options: --time 100 --time 101 --time 102 --time 103
# A function that answers with `return when` runs once, however often who asked is looked at.
global ready: set[string];

function ask(what: string): string
	{
	print "asked", what;
	return when [what] ( what in ready )
		{ return what + " is ready"; }
	timeout 10sec
		{ return "no answer"; }
	}

event noise() { }
global make: event(what: string);

event zeek_init()
	{
	when ( local reply = ask("tea") )
		{ print reply; }
	schedule 1sec { noise() };
	schedule 2sec { make("tea") };
	}

event make(what: string)
	{
	add ready[what];
	}
# expect: asked, tea
# expect: tea is ready
