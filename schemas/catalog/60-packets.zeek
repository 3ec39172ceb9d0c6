# Headers of single packets, for those who look at each one. Names and fields are those that Zeek
# documents; lengths are in bytes unless it says otherwise.

type link_encap: enum { LINK_ETHERNET, LINK_UNKNOWN };
type layer3_proto: enum { L3_IPV4, L3_IPV6, L3_ARP, L3_UNKNOWN };

type ip6_option: record {
	otype: count;
	len: count;
	data: string;
};

type ip6_hopopts: record {
	nxt: count;
	len: count;            # in units of eight bytes, the first ones not counted
	options: vector of ip6_option;
};

type ip6_dstopts: record {
	nxt: count;
	len: count;
	options: vector of ip6_option;
};

type ip6_routing: record {
	nxt: count;
	len: count;
	rtype: count;
	segleft: count;
	data: string;
};

type ip6_fragment: record {
	nxt: count;
	rsv1: count;
	offset: count;         # in units of eight bytes
	rsv2: count;
	more: bool;
	id: count;
};

type ip6_ah: record {
	nxt: count;
	len: count;
	rsv: count;
	spi: count;
	seq: count &optional;
	data: string &optional;
};

type ip6_esp: record {
	spi: count;
	seq: count;
};

# Mobile IPv6 (RFC 6275): one record per message type, gathered in ip6_mobility_msg.

type ip6_mobility_brr: record {
	rsv: count;
	options: vector of ip6_option;
};

type ip6_mobility_hoti: record {
	rsv: count;
	cookie: count;
	options: vector of ip6_option;
};

type ip6_mobility_coti: record {
	rsv: count;
	cookie: count;
	options: vector of ip6_option;
};

type ip6_mobility_hot: record {
	nonce_idx: count;
	cookie: count;
	token: count;
	options: vector of ip6_option;
};

type ip6_mobility_cot: record {
	nonce_idx: count;
	cookie: count;
	token: count;
	options: vector of ip6_option;
};

type ip6_mobility_bu: record {
	seq: count;
	a: bool;
	h: bool;
	l: bool;
	k: bool;
	life: count;
	options: vector of ip6_option;
};

type ip6_mobility_back: record {
	status: count;
	k: bool;
	seq: count;
	life: count;
	options: vector of ip6_option;
};

type ip6_mobility_be: record {
	status: count;
	hoa: addr;
	options: vector of ip6_option;
};

type ip6_mobility_msg: record {
	id: count;
	brr: ip6_mobility_brr &optional;
	hoti: ip6_mobility_hoti &optional;
	coti: ip6_mobility_coti &optional;
	hot: ip6_mobility_hot &optional;
	cot: ip6_mobility_cot &optional;
	bu: ip6_mobility_bu &optional;
	back: ip6_mobility_back &optional;
	be: ip6_mobility_be &optional;
};

type ip6_mobility_hdr: record {
	nxt: count;
	len: count;
	mh_type: count;
	rsv: count;
	chksum: count;
	msg: ip6_mobility_msg;
};

# Exactly the field that `id` (the extension's protocol number) names is set.
type ip6_ext_hdr: record {
	id: count;
	hopopts: ip6_hopopts &optional;
	dstopts: ip6_dstopts &optional;
	routing: ip6_routing &optional;
	fragment: ip6_fragment &optional;
	ah: ip6_ah &optional;
	esp: ip6_esp &optional;
	mobility: ip6_mobility_hdr &optional;
};

type ip6_hdr: record {
	class: count;
	flow: count;
	len: count;
	nxt: count;
	hlim: count;
	src: addr;
	dst: addr;
	exts: vector of ip6_ext_hdr;
};

type ip4_hdr: record {
	hl: count;
	tos: count;
	len: count;
	id: count;
	DF: bool;
	MF: bool;
	offset: count;         # in units of eight bytes
	ttl: count;
	p: count;
	sum: count;
	src: addr;
	dst: addr;
};

type tcp_hdr: record {
	sport: port;
	dport: port;
	seq: count;
	ack: count;
	hl: count;
	dl: count;             # bytes behind the header, as the IP header says
	reserved: count;
	flags: count;
	win: count;
};

type udp_hdr: record {
	sport: port;
	dport: port;
	ulen: count;
};

type icmp_hdr: record {
	icmp_type: count;
};

type pkt_hdr: record {
	ip: ip4_hdr &optional;
	ip6: ip6_hdr &optional;
	tcp: tcp_hdr &optional;
	udp: udp_hdr &optional;
	icmp: icmp_hdr &optional;
};

type l2_hdr: record {
	encap: link_encap;
	len: count;
	cap_len: count;
	src: string &optional;
	dst: string &optional;
	vlan: count &optional;
	vlan_pcp: count &optional;
	vlan_dei: bool &optional;
	inner_vlan: count &optional;
	inner_vlan_pcp: count &optional;
	inner_vlan_dei: bool &optional;
	eth_type: count &optional;
	proto: layer3_proto;
};

type raw_pkt_hdr: record {
	l2: l2_hdr;
	ip: ip4_hdr &optional;
	ip6: ip6_hdr &optional;
	tcp: tcp_hdr &optional;
	udp: udp_hdr &optional;
	icmp: icmp_hdr &optional;
};

# Each comes once per packet: raised only for those who handle it.
global raw_packet: event(p: raw_pkt_hdr);
global new_packet: event(c: connection, p: pkt_hdr);
global ipv6_ext_headers: event(c: connection, p: pkt_hdr);
