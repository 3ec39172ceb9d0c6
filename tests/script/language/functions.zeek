# Functions: recursion, defaults, values, lambdas with captures by value.
function fib(n: count): count
	{
	return n < 2 ? n : fib(n - 1) + fib(n - 2);
	}

function greet(name: string, greeting: string &default="hello"): string
	{
	return greeting + " " + name;
	}

event zeek_init()
	{
	print fib(20); # expect: 6765
	print greet("you"), greet("you", "bye"); # expect: hello you, bye you
	local n = 10;
	local add_n = function[n](x: count): count { return x + n; };
	n = 99;
	print add_n(5); # expect: 15
	local f: function(n: count): count = fib;
	print f(10); # expect: 55
	}
