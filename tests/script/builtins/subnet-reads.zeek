# options: --time 100 --time 106 --time 112 --time 130
# An entry that filter_subnet_table() gave was read.
redef table_expire_interval = 1sec;

function gone(t: table[subnet] of string, net: subnet): interval
	{
	print fmt("%s gone at %d", net, double_to_count(time_to_double(network_time())));
	return 0sec;
	}

global nets: table[subnet] of string &read_expire=10sec &expire_func=gone;

event look()
	{
	print |filter_subnet_table(10.1.2.3/32, nets)|;
	}

event zeek_init()
	{
	nets[10.1.0.0/16] = "read";
	nets[10.2.0.0/16] = "not read";
	schedule 106sec { look() };
	}
# expect: 1
# expect: 10.2.0.0/16 gone at 112
# expect: 10.1.0.0/16 gone at 130
