# A function's value prints as the function; its type names the defaults of parameters.
function smaller(a: count, b: count &default=10): bool
	{
	return b > a;
	}

event zeek_init()
	{
	print smaller;
	# expect: smaller: function(a:count, b:count &default=10, &optional) : bool
	# expect: { 
	# expect: return (a < b);
	# expect: }
	print cat(smaller) == fmt("%s", smaller); # expect: T
	}
