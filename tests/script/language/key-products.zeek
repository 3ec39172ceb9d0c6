# A list at one place of a key stands for each of its elements, and so does a global set.
global nets = { 10.0.0.0/8, 192.168.0.0/16 };
global both: set[string, subnet] = { [["in", "out"], nets] };
global costs: table[string, subnet] of count = { [["in", "out"], nets] = 7, [["up", "down"], 1.0.0.0/8] = 8 };

event zeek_init()
	{
	print |both|, ["in", 10.0.0.0/8] in both, ["out", 192.168.0.0/16] in both, ["up", 10.0.0.0/8] in both;
	# expect: 4, T, T, F
	print |costs|, costs["out", 10.0.0.0/8], costs["down", 1.0.0.0/8]; # expect: 6, 7, 8
	local here: set[string, subnet];
	here += { ["x", nets] };
	print here; # expect: {
	# expect: [x, 10.0.0.0/8],
	# expect: [x, 192.168.0.0/16]
	# expect: }
	# What only one of the records has is optional in all.
	local hosts = { ["a"] = [$ip=1.2.3.4], ["b"] = [$ip=5.6.7.8, $name="bee"] };
	print hosts["a"]?$name, hosts["b"]$name; # expect: F, bee
	hosts += { ["c"] = [$ip=9.9.9.9] };
	print |hosts|, hosts["c"]$ip; # expect: 3, 9.9.9.9
	}
