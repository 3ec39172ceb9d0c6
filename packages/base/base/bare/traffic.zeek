##! Connections, their two endpoints, tunnels around them and files inside them.
##!
##! `connection` and `fa_file` are the two records that everybody extends. The host fills the fields
##! below before each event; whatever a script adds stays with the script.

module GLOBAL;

type flow_id: record {
    src_h: addr;
    src_p: port;
    dst_h: addr;
    dst_p: port;
} &log;

## Innermost encapsulation last.
type EncapsulatingConnVector: vector of Tunnel::EncapsulatingConn;

type endpoint: record {
    ## Payload bytes: by sequence number for TCP (so it counts what was lost), as seen otherwise.
    size: count;
    ## One of the TCP_* or UDP_* constants.
    state: count;
    ## Unset when `use_conn_size_analyzer` is off.
    num_pkts: count &optional;
    num_bytes_ip: count &optional;
    ## IPv6 flow label, 0 for IPv4.
    flow_label: count;
    l2_addr: string &optional;
};

type connection: record {
    id: conn_id;
    orig: endpoint;
    resp: endpoint;
    start_time: time;
    ## From the first packet to the last one that mattered.
    duration: interval;
    ## Confirmed protocols in the order of confirmation.
    service: set[string] &ordered;
    ## One letter per noteworthy packet; upper case is the originator's.
    history: string;
    uid: string;
    tunnel: EncapsulatingConnVector &optional;
    vlan: int &optional;
    inner_vlan: int &optional;
};

const TCP_INACTIVE = 0;
const TCP_SYN_SENT = 1;
const TCP_SYN_ACK_SENT = 2;
const TCP_PARTIAL = 3;
const TCP_ESTABLISHED = 4;
const TCP_CLOSED = 5;
const TCP_RESET = 6;

const UDP_INACTIVE = 0;
const UDP_ACTIVE = 1;

const CONTENTS_NONE = 0;
const CONTENTS_ORIG = 1;
const CONTENTS_RESP = 2;
const CONTENTS_BOTH = 3;

const ENDIAN_UNKNOWN = 0;
const ENDIAN_LITTLE = 1;
const ENDIAN_BIG = 2;
const ENDIAN_CONFUSED = 3;

type endpoint_stats: record {
    num_pkts: count;
    num_rxmit: count;
    num_rxmit_bytes: count;
    num_in_order: count;
    num_OO: count;
    num_repl: count;
    endian_type: count;
};

## Called when a connection has been silent for too long; `break` keeps it for another period.
type connection_timing_out: hook(c: connection);

## How long a file may stay silent before it counts as over.
option default_file_timeout_interval: interval = 2min;
## How much of a file's beginning is kept for type detection.
option default_file_bof_buffer_size: count = 4096;

type fa_file: record {
    id: string;
    ## The file that this one was taken out of.
    parent_id: string &optional;
    ## What carried it, e.g. "HTTP".
    source: string;
    is_orig: bool &optional;
    conns: table[conn_id] of connection &optional;
    last_active: time;
    seen_bytes: count &default=0;
    total_bytes: count &optional;
    missing_bytes: count &default=0;
    overflow_bytes: count &default=0;
    timeout_interval: interval &default=default_file_timeout_interval;
    bof_buffer_size: count &default=default_file_bof_buffer_size;
    bof_buffer: string &optional;
} &redef;

type string_any_file_hook: hook(f: fa_file, e: any, str: string);
