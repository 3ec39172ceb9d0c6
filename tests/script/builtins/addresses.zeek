# Addresses, subnets and ports.
event zeek_init()
	{
	print to_addr("10.0.0.1"), to_addr("::1"), to_addr("010.000.000.001"); # expect: 10.0.0.1, ::1, 10.0.0.1
	print is_valid_ip("1.2.3.4"), is_valid_ip("1.2.3"), is_valid_subnet("10.0.0.0/8"); # expect: T, F, T
	print to_subnet("10.1.2.3/8"), subnet_to_addr(10.1.0.0/16), subnet_width(10.1.0.0/16); # expect: 10.0.0.0/8, 10.1.0.0, 16
	print addr_to_subnet(1.2.3.4), addr_to_subnet([2001:db8::1]); # expect: 1.2.3.4/32, 2001:db8::1/128
	print mask_addr(192.168.3.2, 16); # expect: 192.168.0.0/16
	print remask_addr(1.2.3.4, 5.6.7.8, 112); # expect: 1.2.7.8
	print is_v4_addr(1.2.3.4), is_v6_addr([::1]), is_v4_subnet(1.0.0.0/8), is_v6_subnet([fe80::]/64); # expect: T, T, T, T
	print addr_to_counts(1.2.3.4), counts_to_addr(vector(16909060)); # expect: [16909060], 1.2.3.4
	print count_to_v4_addr(16909060), raw_bytes_to_v4_addr("\x01\x02\x03\x04"); # expect: 1.2.3.4, 1.2.3.4
	print addr_to_ptr_name(1.2.3.4), ptr_name_to_addr("4.3.2.1.in-addr.arpa"); # expect: 4.3.2.1.in-addr.arpa, 1.2.3.4
	print addr_to_ptr_name([2001:db8::1]); # expect: 1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa
	print to_port("53/udp"), port_to_count(443/tcp), count_to_port(8, icmp); # expect: 53/udp, 443, 8/icmp
	print is_tcp_port(80/tcp), is_udp_port(80/tcp), is_icmp_port(8/icmp); # expect: T, F, T
	print get_port_transport_proto(53/udp); # expect: udp
	local nets = set(10.0.0.0/8, 10.1.0.0/16, 192.168.0.0/16);
	print |matching_subnets(10.1.2.0/24, nets)|; # expect: 2
	print check_subnet(10.0.0.0/8, nets), check_subnet(10.2.0.0/16, nets); # expect: T, F
	print |filter_subnet_table(10.1.2.0/24, nets)|; # expect: 2
	}
