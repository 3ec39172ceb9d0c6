# ICMP (RFC 792) and ICMPv6 (RFC 4443) with neighbor discovery (RFC 4861) and multicast listener
# discovery (RFC 2710, RFC 3810). Names and fields are those that Zeek documents.

type icmp_info: record {
	v6: bool;
	itype: count;
	icode: count;
	len: count;            # bytes behind the eight of the ICMP header, as on the wire
	ttl: count;            # of the IP header around it
};

# What an error message quotes of the packet that caused it.
type icmp_context: record {
	id: conn_id;
	len: count;            # of the whole packet, as its IP header says
	proto: count;          # a transport_proto, not an IP protocol number
	frag_offset: count;    # bytes
	bad_hdr_len: bool;     # too little was quoted for the header or the ports
	bad_checksum: bool;    # of the IPv4 header
	MF: bool;
	DF: bool;
};

type icmp6_nd_prefix_info: record {
	prefix_len: count;
	L_flag: bool;
	A_flag: bool;
	valid_lifetime: interval;
	preferred_lifetime: interval;
	prefix: addr;
};

type icmp6_nd_option: record {
	otype: count;
	len: count;            # in units of eight bytes
	link_address: string &optional;
	prefix: icmp6_nd_prefix_info &optional;
	redirect: icmp_context &optional;
	mtu: count &optional;
	payload: string &optional;   # of other types, and of what was cut short
};

type icmp6_mldv2_group_type: enum {
	MLDV2_MODE_IS_INCLUDE = 1, MLDV2_MODE_IS_EXCLUDE = 2, MLDV2_CHANGE_TO_INCLUDE_MODE = 3,
	MLDV2_CHANGE_TO_EXCLUDE_MODE = 4, MLDV2_ALLOW_NEW_SOURCES = 5, MLDV2_BLOCK_OLD_SOURCES = 6,
};

type icmp6_mldv2_mar: record {
	group_type: icmp6_mldv2_group_type;
	aux_data_len: count;   # bytes
	num_sources: count;
	multicast_addr: addr;
	sources: vector of addr;
	aux_data: string &optional;
};

global icmp_sent: event(c: connection, info: icmp_info);
global icmp_sent_payload: event(c: connection, info: icmp_info, payload: string);
global icmp_echo_request: event(c: connection, info: icmp_info, id: count, seq: count, payload: string);
global icmp_echo_reply: event(c: connection, info: icmp_info, id: count, seq: count, payload: string);
global icmp_error_message: event(c: connection, info: icmp_info, code: count, context: icmp_context);
global icmp_unreachable: event(c: connection, info: icmp_info, code: count, context: icmp_context);
global icmp_packet_too_big: event(c: connection, info: icmp_info, code: count, context: icmp_context);
global icmp_time_exceeded: event(c: connection, info: icmp_info, code: count, context: icmp_context);
global icmp_parameter_problem: event(c: connection, info: icmp_info, code: count, context: icmp_context);
global icmp_router_solicitation: event(c: connection, info: icmp_info, options: vector of icmp6_nd_option);
global icmp_router_advertisement: event(c: connection, info: icmp_info, cur_hop_limit: count, managed: bool, other: bool, home_agent: bool, pref: count, proxy: bool, rsv: count, router_lifetime: interval, reachable_time: interval, retrans_timer: interval, options: vector of icmp6_nd_option);
global icmp_neighbor_solicitation: event(c: connection, info: icmp_info, tgt: addr, options: vector of icmp6_nd_option);
global icmp_neighbor_advertisement: event(c: connection, info: icmp_info, router: bool, solicited: bool, override: bool, tgt: addr, options: vector of icmp6_nd_option);
global icmp_redirect: event(c: connection, info: icmp_info, tgt: addr, dest: addr, options: vector of icmp6_nd_option);
global icmpv6_mld_report_v1: event(c: connection, group_addr: addr);
global icmpv6_mld_done_v1: event(c: connection, group_addr: addr);
global icmpv6_mld_report_v2: event(c: connection, groups: vector of icmp6_mldv2_mar);
