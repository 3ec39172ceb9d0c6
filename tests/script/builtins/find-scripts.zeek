# Where a script lies is found out as the scripts are read, by names that are known then.
const folder = "base/utils";
global asked = "base/utils/addrs.zeek";
global unknown = cat("base/utils/", "strings");

function can(name: string): bool { return find_in_zeekpath(name) != ""; }

@if ( can("base/utils/paths") && ! can("base/utils/nothing-of-the-kind") && ! can("") )
event zeek_init() &priority=1 { print "decided"; } # expect: decided
@endif

event zeek_init()
	{
	print ends_with(find_in_zeekpath("base/utils/paths"), "/base/utils/paths.zeek"); # expect: T
	print ends_with(find_in_zeekpath("base/frameworks/notice"), "/notice/__load__.zeek"); # expect: T
	print ends_with(find_in_zeekpath(asked), "/addrs.zeek"); # expect: T
	print find_in_zeekpath(folder) == "", find_in_zeekpath("base/utils/nothing-of-the-kind") == ""; # expect: T, T
	print can("base/utils/paths"); # expect: T
	print find_in_zeekpath("./base/utils/paths") == ""; # expect: T
	print find_in_zeekpath("/base/utils/paths") == ""; # expect: T
	print find_in_zeekpath(unknown) == ""; # expect: T
	}
# error: find-scripts.zeek, line 19: find_in_zeekpath: expected a name as of @load, here is a path that is relative
# error: find-scripts.zeek, line 20: find_in_zeekpath: expected a name as of @load, here is a path that is absolute
# error: find-scripts.zeek, line 21: find_in_zeekpath: the name "base/utils/strings" was not known as the scripts were read; use a constant
