# Records: defaults, optional fields, extension by redef, coercion by name.
type Info: record {
	n: count;
	name: string &default="none";
	note: string &optional;
};
redef record Info += { extra: set[string] &default=set(); };

event zeek_init()
	{
	local r = Info($n=3);
	print r$name, r?$note, |r$extra|; # expect: none, F, 0
	r$note = "x";
	print r?$note, r$note; # expect: T, x
	delete r$note;
	print r?$note; # expect: F
	local same: Info = [$n=4, $name="four"];
	print same$n, same$name; # expect: 4, four
	local kept = copy(same);
	same$n = 5;
	print kept$n, same$n; # expect: 4, 5
	}
