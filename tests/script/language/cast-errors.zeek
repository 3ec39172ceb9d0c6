event zeek_init() {
	print 1.2.3.4 as count;
	print set(1, 2) as vector of addr;
	}
# error: cast-errors.zeek:2: error: a value of type addr is never a count
# error: cast-errors.zeek:3: error: a value of type set[count] is never a vector of addr
