# Nothing is attached to events unless a script asks for it.
event zeek_init()
	{
	print current_event_time() == double_to_time(-1.0);                     # expect: T
	print |EventMetadata::current(EventMetadata::NETWORK_TIMESTAMP)|; # expect: 0
	print |EventMetadata::current_all()|;                             # expect: 0
	}
