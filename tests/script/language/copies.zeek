# Containers and records are passed and assigned by reference; copy() takes everything along, once.
type Node: record { v: vector of count; link: Node &optional; };

function change(n: Node) { n$v += 9; }

event zeek_init()
	{
	local a = Node($v=vector(1));
	local b = a;
	local c = copy(a);
	change(b);
	print a$v, b$v, c$v;
	# What is shared inside stays shared in the copy; a cycle ends.
	a$link = a;
	local d = copy(a);
	d$v += 7;
	print |d$link$v|, |a$v|;
	local t: table[string] of Node;
	t["x"] = Node($v=vector());
	local u = copy(t);
	u["x"]$v += 1;
	print |t["x"]$v|, |u["x"]$v|;
	}

# What it prints, in order:
# expect: [1, 9], [1, 9], [1]
# expect: 3, 2
# expect: 0, 1
