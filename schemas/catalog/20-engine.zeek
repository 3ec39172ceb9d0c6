# Events that no protocol owns: the life of a run, what the engine reports about itself, tunnels,
# thresholds on a connection's size and age, and signature matches.

module Tunnel;
export {
type Type: enum {
	NONE, IP, AYIYA, TEREDO, SOCKS, GTPv1, HTTP, GRE, VXLAN, GENEVE,
};

type EncapsulatingConn: record {
	cid: conn_id &log;
	tunnel_type: Tunnel::Type &log;
	uid: string &log &optional;
};
}

module GLOBAL;

type signature_state: record {
	sig_id: string;
	conn: connection;
	is_orig: bool;
	payload_size: count;
};

global zeek_init: event();
global zeek_done: event();
global net_done: event(t: time);
global network_time_init: event();

global reporter_info: event(t: time, msg: string, location: string) &error_handler;
global reporter_warning: event(t: time, msg: string, location: string) &error_handler;
global reporter_error: event(t: time, msg: string, location: string) &error_handler;
global zeek_script_loaded: event(path: string, level: count);

global expired_conn_weird: event(name: string, id: conn_id, uid: string, addl: string, source: string);

global tunnel_changed: event(c: connection, e: vector of Tunnel::EncapsulatingConn);

global conn_bytes_threshold_crossed: event(c: connection, threshold: count, is_orig: bool);
global conn_packets_threshold_crossed: event(c: connection, threshold: count, is_orig: bool);
global conn_duration_threshold_crossed: event(c: connection, threshold: interval, is_orig: bool);
global conn_generic_packet_threshold_crossed: event(c: connection, threshold: count);

global signature_match: event(state: signature_state, msg: string, data: string);
