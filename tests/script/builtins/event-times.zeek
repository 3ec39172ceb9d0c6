# options: --time 10 --time 15 --time 20
# When an event was raised, or for when it was scheduled.
redef EventMetadata::add_network_timestamp = T;

module App;

export {
	redef enum EventMetadata::ID += { ORIGIN = 100, ROUTE = 101 };
}

type Route: record {
	via: vector of addr;
	check: function(): bool;
};

event told(what: string)
	{
	print what, time_to_double(network_time()), time_to_double(current_event_time());
	if ( what == "due" )
		event told("raised by it");
	}

event zeek_init()
	{
	print EventMetadata::register(ORIGIN, string);   # expect: T
	print EventMetadata::register(ORIGIN, string);   # expect: T
	print EventMetadata::register(ORIGIN, count);    # expect: F
	print EventMetadata::register(ROUTE, any);       # expect: F
	print EventMetadata::register(ROUTE, Route);     # expect: F
	print EventMetadata::register(ROUTE, table[addr, count] of set[string]); # expect: T
	print EventMetadata::register(EventMetadata::NETWORK_TIMESTAMP, count);  # expect: F

	schedule 12sec { told("due") };
	schedule 1day { told("at the end") };
	}

event zeek_done()
	{
	print |EventMetadata::current(ORIGIN)|;
	print EventMetadata::current(EventMetadata::NETWORK_TIMESTAMP);
	print EventMetadata::current_all();
	}

# What comes later, in order:
# expect: due, 15.0, 12.0
# expect: raised by it, 15.0, 15.0
# expect: 0
# expect: [20.0]
# expect: [[id=EventMetadata::NETWORK_TIMESTAMP, val=20.0]]
# expect: at the end, 20.0, 20.0
