# Fields of records read and written, records within records, three million times.
type Endpoint: record {
	packets: count &default=0;
	bytes: count &default=0;
};

type Conversation: record {
	orig: Endpoint;
	resp: Endpoint;
	last: double &optional;
	history: string &default="";
};

event zeek_init()
	{
	local c = Conversation($orig=Endpoint(), $resp=Endpoint());
	local i = 0;

	while ( i < 3000000 )
		{
		local e = i % 3 == 0 ? c$orig : c$resp;
		++e$packets;
		e$bytes += i % 1500;

		if ( ! c?$last || c$last < 1000.0 )
			c$last = 1.0;

		++i;
		}

	print c$orig$packets, c$resp$packets, c$orig$bytes + c$resp$bytes;
	}
