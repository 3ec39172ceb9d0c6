# An error on the way to a variable's value names the variable too.
function half(n: count): count
	{
	return 10 / n;
	}

global fine = 5;
global broken = half(0);
# error: initial-values.zeek, line 4: division by zero
# error: initial-values.zeek, line 8: initialization failed
