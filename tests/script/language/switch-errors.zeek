event zeek_init() {
	local x: any = 1;
	switch ( x ) {
	case type count as n:
		print n;
		fallthrough;
	case type string, type count:
		break;
	case type addr:
		print "forgotten";
	}
	switch ( 1 ) {
	case 1:
		break;
	case type string:
		break;
	}
	}
# error: switch-errors.zeek:6: error: no fallthrough from a case that names its value
# error: switch-errors.zeek:7: error: this switch has two cases for type count
# error: switch-errors.zeek:9: error: this case must end in break, fallthrough or return
# error: switch-errors.zeek:12: error: the cases of one switch are either values or types
