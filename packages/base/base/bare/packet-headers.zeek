##! Packet headers as `get_current_packet_header`, `new_packet` and the like hand them out.

module GLOBAL;

# What a protocol field may say; the first block are transports, the second IPv6 extension headers.
const IPPROTO_IP = 0;
const IPPROTO_ICMP = 1;
const IPPROTO_IGMP = 2;
const IPPROTO_IPIP = 4;
const IPPROTO_TCP = 6;
const IPPROTO_UDP = 17;
const IPPROTO_IPV6 = 41;
const IPPROTO_ICMPV6 = 58;
const IPPROTO_RAW = 255;

const IPPROTO_HOPOPTS = 0;
const IPPROTO_ROUTING = 43;
const IPPROTO_FRAGMENT = 44;
const IPPROTO_ESP = 50;
const IPPROTO_AH = 51;
const IPPROTO_NONE = 59;
const IPPROTO_DSTOPTS = 60;
const IPPROTO_MOBILITY = 135;

const ICMP_UNREACH_NET = 0;
const ICMP_UNREACH_HOST = 1;
const ICMP_UNREACH_PROTOCOL = 2;
const ICMP_UNREACH_PORT = 3;
const ICMP_UNREACH_NEEDFRAG = 4;
const ICMP_UNREACH_ADMIN_PROHIB = 13;

const TH_FIN = 1;
const TH_SYN = 2;
const TH_RST = 4;
const TH_PUSH = 8;
const TH_ACK = 16;
const TH_URG = 32;
const TH_FLAGS = 63;

type link_encap: enum { LINK_ETHERNET, LINK_UNKNOWN };
type layer3_proto: enum { L3_IPV4, L3_IPV6, L3_ARP, L3_UNKNOWN };


type ip6_option: record {
    otype: count;
    len: count;
    data: string;
};

type ip6_options: vector of ip6_option;

type ip6_hopopts: record {
    nxt: count;
    len: count;
    options: ip6_options;
};

type ip6_dstopts: record {
    nxt: count;
    len: count;
    options: ip6_options;
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
    offset: count;
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

## Exactly the field that `id` (the extension's protocol number) names is set.
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

type ip6_ext_hdr_chain: vector of ip6_ext_hdr;

type ip6_hdr: record {
    class: count;
    flow: count;
    len: count;
    nxt: count;
    hlim: count;
    src: addr;
    dst: addr;
    exts: ip6_ext_hdr_chain;
};

type ip4_hdr: record {
    hl: count;
    tos: count;
    len: count;
    id: count;
    DF: bool;
    MF: bool;
    offset: count;
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
    dl: count;
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

## Options of a neighbor discovery message, in the order of the packet.
type icmp6_nd_options: vector of icmp6_nd_option;

## Records of a version 2 multicast listener report.
type icmp6_mldv2_mar_vec: vector of icmp6_mldv2_mar;

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

## A packet with its bytes, starting at the link layer.
type pcap_packet: record {
    ts_sec: count;
    ts_usec: count;
    caplen: count;
    len: count;
    data: string;
    link_type: link_encap;
};

## Where packets come from.
type PacketSource: record {
    live: bool;
    path: string;
    link_type: int;
    netmask: count;
};

module TCP;

export {
    ## One TCP option; of the optional fields, those that `kind` gives a meaning to.
    type Option: record {
        kind: count;
        length: count;
        data: string &optional;
        mss: count &optional;
        window_scale: count &optional;
        sack: index_vec &optional;
        send_timestamp: count &optional;
        echo_timestamp: count &optional;
        rate: count &optional;
        ttl_diff: count &optional;
        qs_nonce: count &optional;
    };
    type OptionList: vector of Option;

    type RawOption: record {
        kind: count;
        data: string;
    };
    type RawOptionList: vector of RawOption;
}

module GLOBAL;
