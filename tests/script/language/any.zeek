# A value of type any keeps its own type: is, as and switch look at it.
function kind(x: any): string
	{
	switch ( x )
		{
		case type count as c: return fmt("count %d", c);
		case type string: return "string";
		case type set[count]: return "set";
		default: return "something else";
		}
	}

event zeek_init()
	{
	print kind(5), kind("x"), kind(set(1)), kind(1.5);
	local x: any = vector(1, 2);
	print x is vector of count, x is count, (x as vector of count)[1];
	local v: vector of any = vector();
	v += 1;
	v += "two";
	v += 3.0;
	print v, |v|, v[1] as string;
	local bad: any = "text";
	print bad as count; # error: invalid cast of value with type 'string' to type 'count'
	}

# What it prints, in order:
# expect: count 5, string, set, something else
# expect: T, F, 2
# expect: [1, two, 3.0], 3, two
