# A value in a Broker::Data is found by a cast.
type Point: record { x: int; y: int; };

function as_string(a: any)
	{
	print a as string; # error: broker-data.zeek, line 6: invalid cast of value with type 'count' to type 'string'
	}

event zeek_init()
	{
	local n = Broker::data(7);
	print n is count, n is string, n is Broker::Data; # expect: T, F, T
	print n as count;                                 # expect: 7
	print (Broker::data(Point($x=+1, $y=-2)) as Point)$y; # expect: -2
	as_string(Broker::data("text"));                  # expect: text
	print Broker::data(n) as count;                   # expect: 7
	local a: any = n;
	print a is count, (a as Broker::Data)$data;       # expect: T, 7
	as_string(n);
	}

event zeek_init() &priority=-1
	{
	print Broker::Data() is string; # expect: F
	as_string(Broker::Data()); # error: broker-data.zeek, line 6: invalid cast of value with type 'Broker::Data' to type 'string': there is nothing in it
	}
