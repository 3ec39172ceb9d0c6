# A @pragma push keeps deprecations quiet up to its pop, inside of bodies too.
global old = 1 &deprecated="use new";
event zeek_init() {
@pragma push ignore-deprecations
	print old; # expect: 1
@pragma pop
	print old; # expect: 1
@pragma push ignore-deprecations
	print old; # expect: 1
@pragma pop ignore-deprecations
	}
@pragma push something-else
@pragma pop
# error: pragmas.zeek:7: warning: "old" is deprecated: use new
# error: pragmas.zeek:12: warning: @pragma push of the unknown "something-else"
