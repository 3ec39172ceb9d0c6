module M;
export { option _: count = 4; }
event zeek_init() {
	local _ = 1;
	print _;
	}
# error: blank-errors.zeek:2: error: "_" names nothing and cannot be an option
# error: blank-errors.zeek:5: error: "_" stands for a value that is not wanted and cannot be read
