# What global_ids() tells of attributes and modules, and global_options() of options.
module Empty;
module GLOBAL;
module Listed;
export {
	global n: count = 42 &redef;
	global t: table[string] of string &write_expire=42sec &default_insert="hey!";
	global plain = 1;
	option chosen = T;
	global made = set(1) &redef;
}
redef n = 43 &redef;

event zeek_init()
	{
	local ids = global_ids();
	print ids["Listed::n"]$attributes; # expect: [[name=&redef, expr=<uninitialized>]]
	print ids["Listed::t"]$attributes; # expect: [[name=&write_expire, expr=42.0 secs], [name=&default_insert, expr=hey!]]
	print ids["Listed::plain"]?$attributes; # expect: F
	print |ids["Listed::made"]$attributes|; # expect: 1
	# A module that nothing is in is one too.
	print "module Empty" in ids, ids["module GLOBAL"]$type_name, "module Nowhere" in ids; # expect: T, module, F
	print "Listed::chosen" in global_options(), "Listed::n" in global_options(); # expect: T, F
	}
