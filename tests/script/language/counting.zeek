# `++t[k]` and `t[k] += n`, with one look at the table, do what reading and then storing does.
global changes = 0;
function noted(t: table[string] of count, change: TableChange, k: string, old: count) {
	++changes;
	print k, change, old; # expect: a, TABLE_ELEMENT_NEW, 10
	# expect: a, TABLE_ELEMENT_CHANGED, 10
	# expect: a, TABLE_ELEMENT_CHANGED, 11
	# expect: a, TABLE_ELEMENT_REMOVED, 15
	}
global watched: table[string] of count &on_change=noted;
global missing: table[count] of int &default=-5;
global made: table[count] of count &default=function(k: count): count { return k * 2; };

event zeek_init() &priority=3 {
	watched["a"] = 10;
	++watched["a"];
	watched["a"] += 4;
	delete watched["a"];
	print changes; # expect: 4
	++missing[1];
	--missing[2];
	missing[2] += -10;
	missing[3] += 7;
	print missing[1], missing[2], missing[3], |missing|; # expect: -4, -16, 2, 3
	++made[4];
	made[4] += made[5];
	print made[4], |made|; # expect: 19, 1
	local large: table[count] of count = table([1] = 18446744073709551615);
	++large[1];
	print large[1]; # expect: 0
	local walked: table[count] of count = table([1] = 1, [2] = 2);
	for (k in walked) walked[k] += k;
	print walked[1], walked[2]; # expect: 2, 4
	local sums: table[addr] of count;
	sums[10.0.0.1] = 1;
	++sums[10.0.0.1];
	print sums[10.0.0.1]; # expect: 2
	}

global waited: table[string] of count = table(["x"] = 1);
event zeek_init() &priority=-1 {
	when (waited["x"] > 1) { print "seen"; } # expect: seen
	++waited["x"];
	}

event zeek_init() &priority=2 {
	local none: table[string] of count;
	++none["x"];
	}
# error: line 48: no such index

event zeek_init() &priority=1 {
	local none: table[string] of count;
	none["x"] += 3;
	}
# error: line 54: no such index
