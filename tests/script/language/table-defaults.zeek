# &default gives what is missing without storing it; &default_insert stores it.
type Info: record { n: count &default=3; tags: set[string] &default=set(); };
global plain: table[count] of count &default=7;
global lists: table[string] of vector of count &default=vector();
global infos: table[string] of Info &default_insert=Info();
global made: table[addr, port] of string
	&default=function(a: addr, p: port): string { return fmt("%s:%s", a, p); };

event zeek_init()
	{
	print plain[1], |plain|;
	plain[1] += 1;
	print plain[1], |plain|;
	lists["a"] += 5;
	print lists["a"], |lists|;
	infos["x"]$n += 1;
	print infos["x"]$n, |infos|;
	add infos["x"]$tags["t"];
	print infos["x"], infos["y"]$tags;
	print made[1.2.3.4, 80/tcp];
	}

# What it prints, in order:
# expect: 7, 0
# expect: 8, 1
# expect: [], 0
# expect: 4, 1
# expect: [n=4, tags={
# expect: t
# expect: }], {
# expect: 
# expect: }
# expect: 1.2.3.4:80/tcp
