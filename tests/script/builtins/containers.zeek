# Tables, sets and vectors.
event zeek_init()
	{
	print sort(vector(3, 1, 2)); # expect: [1, 2, 3]
	print sort(vector("b", "a"), function(x: string, y: string): int { return strcmp(x, y); }); # expect: [a, b]
	print order(vector(30, 10, 20)); # expect: [1, 2, 0]
	print order(vector(1, 2, 3), function(a: count, b: count): int { return a > b ? -1 : 1; }); # expect: [2, 1, 0]
	local v = vector(T, F);
	print any_set(v), all_set(v), all_set(vector(T, T)); # expect: T, F, T
	local w = vector(1, 2, 3);
	print resize(w, 2), w; # expect: 3, [1, 2]
	local t = table(["a"] = 1, ["b"] = 2);
	print |table_keys(t)|, "a" in (table_keys(t) as set[string]); # expect: 2, T
	print |table_values(t)|; # expect: 2
	clear_table(t);
	print |t|; # expect: 0
	print same_object(w, w), same_object(w, vector(1, 2)); # expect: T, F
	print val_footprint(1), val_footprint(vector(1, 2)) > 1; # expect: 1, T
	}
