# Hook bodies run by priority until one breaks; the call says whether all ran.
global check: hook(n: count, log: vector of string);

hook check(n: count, log: vector of string) &priority=10
	{
	log += "first";
	if ( n == 1 ) break;
	}

hook check(n: count, log: vector of string)
	{
	log += "second";
	if ( n == 2 ) return;
	log += "second, to its end";
	}

hook check(n: count, log: vector of string) &priority=-10
	{ log += "last"; }

global empty: hook(x: count);

function ask(n: count)
	{
	local log: vector of string;
	print hook check(n, log), log;
	}

event zeek_init()
	{
	ask(1);
	ask(2);
	ask(3);
	print hook empty(1);
	local h = check;
	local log: vector of string;
	print hook h(1, log), |log|;
	}

# What it prints, in order:
# expect: F, [first]
# expect: T, [first, second, last]
# expect: T, [first, second, second, to its end, last]
# expect: T
# expect: F, 1
