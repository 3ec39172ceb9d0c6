# options: --time 10 --time 11 --time 15 --time 20
# Scheduled events come in order of time, then of scheduling; what is left comes at the end.
event say(what: string)
	{ print what; }

event start()
	{
	schedule 5sec { say("after five") };
	schedule 1sec { say("after one") };
	schedule 5sec { say("after five, second") };
	schedule 1hr { say("at the end") };
	}

event zeek_init()
	{
	schedule 2sec { start() };
	event say("queued");
	print "now";
	}

event zeek_done()
	{ print "done"; }

# What it prints, in order:
# expect: now
# expect: queued
# expect: after one
# expect: after five
# expect: after five, second
# expect: done
# expect: at the end
