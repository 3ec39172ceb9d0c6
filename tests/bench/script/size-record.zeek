# What a record of four fields takes, with its place in a vector.
type Item: record {
	id: count;
	weight: double;
	seen: bool;
	more: count &optional;
};

global items: vector of Item;

event zeek_init()
	{
	local i = 0;

	while ( i < 300000 )
		{
		items += Item($id=i, $weight=0.5, $seen=T);
		++i;
		}

	print |items|;
	}
