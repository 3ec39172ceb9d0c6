event zeek_init() {
	if ( F )
@if ( T )
		print "no";
@endif
	for ( i in vector(1) )
@ifdef ( zeek_init )
		print i;
@endif
	if ( T ) {
@if ( T )
		print "braces make it one statement";
@endif
		}
	}
# error: misplaced-directives.zeek:3: error: a directive cannot stand for the one statement of an if or loop
# error: misplaced-directives.zeek:7: error: a directive cannot stand for the one statement of an if or loop
# error: misplaced-directives.zeek:24: error: a directive cannot stand for the one statement of an if or loop
# error: misplaced-directives.zeek:26: note: the last directive before the statement is this

event zeek_init() {
@if ( T )
	if ( F )
@else
	if ( T )
@endif
		print "no";
	}
