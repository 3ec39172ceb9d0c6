# redef changes values, records and enums before anything runs.
module M;
export {
	const limit = 5 &redef;
	option name = "one";
	global ports: set[port] &redef;
	type Kind: enum { A };
	type Info: record { x: count; };
	global words: vector of string = vector("a") &redef;
}
redef M::limit = 6;
redef M::name = "two";
redef M::ports += { 1/tcp };
redef M::ports += { 2/tcp };
redef M::ports -= { 1/tcp };
redef enum M::Kind += { B, C };
redef record M::Info += { y: string &default="why"; z: set[count] &default=set(); };
redef M::words += { "b" };

event zeek_init()
	{
	print limit, name, ports, B, Info($x=1), words; # expect: 6, two, {
	# expect: 2/tcp
	# expect: }, M::B, [x=1, y=why, z={
	# expect: 
	# expect: }], [a, b]
	}
