# A variable without a value is captured without one, and may get it inside.
event zeek_init() &priority=1 {
	local plain: count;
	local text: string;
	local ask = function[plain, text](give: bool): string {
		if (give) {
			plain = 4;
			text = "four";
			}
		return cat(plain, " ", text);
		};
	print ask(T); # expect: 4 four
	print ask(F); # expect: 4 four
	local deep = function[copy plain](): count { return plain; };
	print "made"; # expect: made
	print deep();
	}
# error: value used but not set (plain)

event zeek_init() {
	local text: string;
	local read = function[text](): string { return text; };
	print "made"; # expect: made
	print read();
	}
# error: value used but not set (text)
