# One type under several names, names of types that have none of their own, and what a vector of any holds.
module Names;
export {
	type Text: string;
	type Line: Text;
	type Other: string;
	type Rows: table[count] of string;
	type Lines: Rows;
	type Point: record { x: count; };
	type Place: Point;
	type Digest: opaque of md5;
}

function sorted(names: set[string]): string
	{
	local all: vector of string;
	for ( name in names )
		all += name;
	return join_string_vec(sort(all, strcmp), " ");
	}

event zeek_init()
	{
	print sorted(type_aliases(Text)); # expect: Names::Line Names::Text
	print sorted(type_aliases(Line)); # expect: Names::Line Names::Text
	print sorted(type_aliases(Other)); # expect: Names::Other
	print sorted(type_aliases(Digest)); # expect: Names::Digest
	local line: Line = "a value is of the type alone";
	print |type_aliases(line)|, type_name(line); # expect: 0, string
	print sorted(type_aliases(Rows())); # expect: Names::Lines Names::Rows
	print sorted(type_aliases(Lines([1] = "x"))); # expect: Names::Lines Names::Rows
	print |type_aliases(table([1] = "x"))|; # expect: 0
	print sorted(type_aliases(Place($x=1))); # expect: Names::Place Names::Point
	local held: any = Line;
	print held, |record_fields(held)|; # expect: Names::Text, 0
	# A name stands for its type wherever one is expected.
	local texts: vector of Line = vector("x");
	print type_name(texts), texts[0] + line[0]; # expect: vector of string, xa
	held = texts[0];
	print held is Text, held as Line; # expect: T, x

	local top = topk_init(2);
	topk_add(top, "often");
	local kept = topk_get_top(top, 1);
	print kept, type_name(kept); # expect: [often], vector of string
	print type_name(table_values(table(["a"] = 1/tcp))); # expect: vector of port
	local mixed: vector of any = vector(1, "x");
	print type_name(mixed); # expect: vector of any
	# Such a vector takes what any other of its kind does.
	kept += 7;
	print kept; # expect: [often, 7]

	# Literals are objects of their own; variables share theirs.
	local a = "one text";
	local b = a;
	print same_object(a, b), same_object(a, "one text"); # expect: T, F
	}
