# A chain of a hundred thousand records prints, copies and goes without a deep C++ stack.
type Link: record { link: Link &optional; n: count; };

event zeek_init()
	{
	local head = Link($n=0);
	local i = 1;
	while ( i < 100000 )
		{
		head = Link($link=head, $n=i);
		++i;
		}
	print head$n, |fmt("%s", head)| > 1000; # expect: 99999, T
	local c = copy(head); # error: value is too large or too deep to copy
	}
