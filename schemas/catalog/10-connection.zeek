# Connections, as every protocol's events name them. Field names and meanings are those that Zeek
# documents for init-bare.zeek; the order here is the order on the wire.

type transport_proto: enum { unknown_transport = 0, tcp = 1, udp = 2, icmp = 3 };

type conn_id_ctx: record {
};

type conn_id: record {
	orig_h: addr &log;
	orig_p: port &log;
	resp_h: addr &log;
	resp_p: port &log;
	proto: count &default=65535;
	ctx: conn_id_ctx &log &default=conn_id_ctx();
};

# `connection` and `fa_file` travel as references: their records are declared by the base library,
# and the runner fills the fields that it gets as updates.

global new_connection: event(c: connection);
global connection_established: event(c: connection);
global connection_attempt: event(c: connection);
global connection_rejected: event(c: connection);
global connection_reset: event(c: connection);
global connection_finished: event(c: connection);
global connection_half_finished: event(c: connection);
global connection_partial_close: event(c: connection);
global connection_pending: event(c: connection);
global connection_first_ACK: event(c: connection);
global connection_EOF: event(c: connection, is_orig: bool);
global connection_SYN_packet: event(c: connection, pkt: SYN_packet);
global connection_timeout: event(c: connection);
global connection_reused: event(c: connection);
global connection_state_remove: event(c: connection);
global successful_connection_remove: event(c: connection);
global connection_status_update: event(c: connection);
global partial_connection: event(c: connection);
global content_gap: event(c: connection, is_orig: bool, seq: count, length: count);
global connection_flipped: event(c: connection);
global scheduled_analyzer_applied: event(c: connection, a: Analyzer::Tag);
global connection_flow_label_changed: event(c: connection, is_orig: bool, old_label: count, new_label: count);
global new_connection_contents: event(c: connection);
global udp_request: event(u: connection);
global udp_reply: event(u: connection);
global udp_contents: event(u: connection, is_orig: bool, contents: string);
global udp_multiple_checksum_errors: event(u: connection, is_orig: bool, threshold: count);
global tcp_contents: event(c: connection, is_orig: bool, seq: count, contents: string);
global tcp_packet: event(c: connection, is_orig: bool, flags: string, seq: count, ack: count, len: count, payload: string);
global tcp_rexmit: event(c: connection, is_orig: bool, seq: count, len: count, data_in_flight: count, window: count);
global tcp_multiple_checksum_errors: event(c: connection, is_orig: bool, threshold: count);
global tcp_multiple_zero_windows: event(c: connection, is_orig: bool, threshold: count);
global tcp_multiple_retransmissions: event(c: connection, is_orig: bool, threshold: count);
global tcp_multiple_gap: event(c: connection, is_orig: bool, threshold: count);
global conn_weird: event(name: string, c: connection, addl: string, source: string);
global flow_weird: event(name: string, src: addr, dst: addr, addl: string, source: string);
global net_weird: event(name: string, addl: string, source: string);
global file_weird: event(name: string, f: fa_file, addl: string, source: string);
global protocol_late_match: event(c: connection, atype: Analyzer::Tag);
global analyzer_confirmation_info: event(atype: AllAnalyzers::Tag, info: AnalyzerConfirmationInfo);
global analyzer_violation_info: event(atype: AllAnalyzers::Tag, info: AnalyzerViolationInfo);

type SYN_packet: record {
	is_orig: bool;
	DF: bool;
	ttl: count;
	size: count;
	win_size: count;
	win_scale: int;
	MSS: count;
	SACK_OK: bool;
	TSval: count &optional;
	TSecr: count &optional;
};

type AnalyzerConfirmationInfo: record {
	c: connection &optional;
	f: fa_file &optional;
	aid: count &optional;
	packet_segment: string &optional;
};

type AnalyzerViolationInfo: record {
	reason: string;
	c: connection &optional;
	f: fa_file &optional;
	aid: count &optional;
	data: string &optional;
};
