# What an @if may ask: functions that choose by their parameters, and modules.
module Extra;
export { global there = T; }
module GLOBAL;
function between(n: count, low: count, high: count): bool {
	if ( n < low )
		return F;
	return n <= high ? T : F;
	}
@if ( between(5, 1, 9) )
print "between"; # expect: between
@else
print "not between";
@endif
@ifdef ( Extra )
print "a module"; # expect: a module
@endif
@ifdef ( Missing )
print "no module";
@endif
@if ( between(0, 1, 9) )
print "between";
@else
print "below"; # expect: below
@endif
