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

# Headers of packets themselves are in the event catalog.
type ip6_options: vector of ip6_option;
type ip6_ext_hdr_chain: vector of ip6_ext_hdr;

## Options of a neighbor discovery message, in the order of the packet.
type icmp6_nd_options: vector of icmp6_nd_option;

## Records of a version 2 multicast listener report.
type icmp6_mldv2_mar_vec: vector of icmp6_mldv2_mar;

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
