# Times as text. The file runs with any time zone.
event zeek_init()
	{
	local t = strptime("%Y-%m-%d %H:%M:%S", "2020-02-29 12:00:01");
	print strftime("%Y-%m-%d %H:%M:%S", t); # expect: 2020-02-29 12:00:01
	print fmt("%D", t); # expect: 2020-02-29-12:00:01
	print fmt("%T", t); # expect: 2020-02-29-12:00:01.000000000
	print strptime("%Y", "nonsense"); # expect: 0.0
	# error: strptime conversion failed
	print current_time() > t; # expect: T
	}
