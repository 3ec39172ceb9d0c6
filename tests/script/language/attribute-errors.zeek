global expiring: set[count] &create_expire=1sec &read_expire=1sec;
global twice: table[count] of count &default=1 &default=2;
global both: table[count] of count &default=1 &default_insert=2;
global wanting: count &optional;
type R: record { must: count; may: count &optional; };
global r: R = [$must=1];
event zeek_init() {
	delete r$may;
	delete r$must;
	}
global keyed: set[vector of any];
local empty = vector();
# error: attribute-errors.zeek:1: error: a table or set expires by one of
# error: attribute-errors.zeek:2: error: this attribute is given twice
# error: attribute-errors.zeek:3: error: a table has either a &default or a &default_insert
# error: attribute-errors.zeek:4: error: &optional is for the fields of records
# error: attribute-errors.zeek:9: error: the field "must" is neither &optional nor has it a &default
# error: attribute-errors.zeek:11: error: a value of type vector of any cannot be an index
# error: attribute-errors.zeek:12: error: the type of "empty" does not follow from its value
