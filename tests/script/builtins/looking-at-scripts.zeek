# Types, fields and names as scripts see them.
module Look;
export {
	type Colour: enum { RED, GREEN };
	type Shade: Colour;
	type Point: record {
		x: count;
		y: double &default=1.5;
		note: string &optional &log;
		of_colour: Colour &optional;
		deep: table[Colour] of vector of Point &optional;
	};
	option setting = 5;
}
function inner(a: count, b: string): string { return backtrace()[1]$function_name; }
function footprint_of_self(): count
	{
	local v: vector of any = vector(1, "x");
	v[2] = v;
	return val_footprint(v);
	}
event zeek_init()
	{
	local fields = record_fields(Point($x=3));
	print fields["x"]$value, fields["x"]$optional, fields["y"]$default_val, fields["y"]$optional; # expect: 3, F, 1.5, T
	print fields["note"]$log, fields["note"]?$value, fields["of_colour"]$type_name; # expect: T, F, enum Look::Colour
	print fields["deep"]$type_name; # expect: table[enum Look::Colour] of vector of record Look::Point
	local order = "";
	for ( name in record_fields("Look::Point") )
		order += name + " ";
	print order; # expect: x y note of_colour deep 
	print |record_fields("Look::Point")|, |record_fields(Colour)|; # expect: 5, 0
	print "Look::Shade" in type_aliases(RED), "Look::Colour" in type_aliases(Shade), |type_aliases(7)|; # expect: T, T, 0
	local ids = global_ids();
	print ids["Look::setting"]$option_value, ids["Look::setting"]$value, ids["Look::inner"]$type_name; # expect: T, 5, function(a:count, b:string) : string
	print ids["module Look"]$type_name, ids["zeek_init"]$type_name; # expect: module, event()
	print lookup_ID("Look::GREEN"), lookup_ID("Look::setting"), lookup_ID("nothing of the kind"); # expect: Look::GREEN, 5, <unknown id>
	print val_footprint(1), val_footprint("x"), val_footprint(vector(1, 2)), val_footprint(set(1, 2)); # expect: 1, 1, 4, 6
	print val_footprint(Point($x=1)), val_footprint(table([1, 2] = "x")); # expect: 7, 6
	print footprint_of_self(); # expect: 6
	print inner(4, "b"); # expect: Look::inner
	print is_event_handled("zeek_init"); # expect: T
	print rand(1), rand(0); # expect: 0, 0
	srand(42);
	local first = rand(1000);
	srand(42);
	print first == rand(1000); # expect: T
	}
