##! The engine's tunable limits. The host reads them once, after all scripts are loaded; those that
##! act in the worker cannot differ between packages.

module GLOBAL;

# --- A run as a whole -----------------------------------------------------------------------------

## Arguments after `--` on the command line.
const zeek_script_args: vector of string = vector() &redef;
## Who we are, in weird.log and elsewhere.
const peer_description = "zeek" &redef;
## Keep running (and keep timers going) after the last packet of a file.
const exit_only_after_terminate = F &redef;
const running_under_test: bool = F &redef;
const packet_source_inactivity_timeout = 100msec &redef;
const allow_network_time_forward = T &redef;
const io_poll_interval_default = 100 &redef;
const io_poll_interval_live = 10 &redef;
const watchdog_interval = 10sec &redef;
const max_timer_expires = 300 &redef;
const log_rotate_base_time = "0:00" &redef;
const trace_output_file = "";
const record_all_packets = F &redef;

# Repeatability: the seed of hashes, the length of uids, and the salt of file identifiers.
const global_hash_seed: string = "" &redef;
const bits_per_uid: count = 96 &redef;
const digest_salt = "Please change this value." &redef;

# --- Capture --------------------------------------------------------------------------------------

const cmd_line_bpf_filter = "" &redef;
const packet_filter_default = F &redef;
const detect_filtered_trace = F &redef;
global capture_filters: table[string] of string &redef;
global restrict_filters: table[string] of string &redef;
global secondary_filters: table[string] of event(filter: string, pkt: pkt_hdr) &redef;

global discarder_maxlen = 128 &redef;
global discarder_check_ip: function(p: pkt_hdr): bool;
global discarder_check_tcp: function(p: pkt_hdr, d: string): bool;
global discarder_check_udp: function(p: pkt_hdr, d: string): bool;
global discarder_check_icmp: function(p: pkt_hdr): bool;

## Take every checksum as correct.
const ignore_checksums = F &redef;
## The same, only for packets from or to these networks.
option ignore_checksums_nets: set[subnet] = set();

# --- Connections ----------------------------------------------------------------------------------

## Ports that decide who is the responder when a connection was joined half-way.
const likely_server_ports: set[port] &redef;
const use_conn_size_analyzer = T &redef;
const partial_connection_ok = T &redef;
const non_analyzed_lifetime = 0secs &redef;

const tcp_inactivity_timeout = 5min &redef;
const udp_inactivity_timeout = 1min &redef;
const icmp_inactivity_timeout = 1min &redef;
const unknown_ip_inactivity_timeout = 1min &redef;

# How long to wait for the next step of a TCP connection before drawing a conclusion.
const tcp_SYN_ack_ok = T &redef;
const tcp_SYN_timeout = 5secs &redef;
const tcp_session_timer = 6secs &redef;
const tcp_connection_linger = 5secs &redef;
const tcp_attempt_delay = 5secs &redef;
const tcp_close_delay = 5secs &redef;
const tcp_reset_delay = 5secs &redef;
const tcp_partial_close_delay = 3secs &redef;

const tcp_storm_thresh = 1000 &redef;
const tcp_storm_interarrival_thresh = 1sec &redef;

# Reassembly: what may pile up before it is given up.
const tcp_match_undelivered = T &redef;
const tcp_max_initial_window = 16384 &redef;
const tcp_max_above_hole_without_any_acks = 16384 &redef;
const tcp_excessive_data_without_further_acks = 10 * 1024 * 1024 &redef;
const tcp_max_old_segments = 0 &redef;
const report_gaps_for_partial = F &redef;
const ignore_keep_alive_rexmit = F &redef;
const frag_timeout = 5min &redef;

# Which payload `tcp_contents` and `udp_contents` deliver.
const tcp_content_delivery_ports_orig: table[port] of bool = {} &redef;
const tcp_content_delivery_ports_resp: table[port] of bool = {} &redef;
const tcp_content_deliver_all_orig = F &redef;
const tcp_content_deliver_all_resp = F &redef;
const udp_content_delivery_ports_orig: table[port] of bool = {} &redef;
const udp_content_delivery_ports_resp: table[port] of bool = {} &redef;
option udp_content_ports: set[port] = {};
option udp_content_delivery_ports_use_resp = F;
const udp_content_deliver_all_orig = F &redef;
const udp_content_deliver_all_resp = F &redef;

# --- Finding out the protocol ---------------------------------------------------------------------

const dpd_reassemble_first_packets = T &redef;
const dpd_buffer_size = 1024 &redef;
const dpd_max_packets = 100 &redef;
const dpd_match_only_beginning = T &redef;
const dpd_late_match_stop = F &redef;
const dpd_ignore_ports = F &redef;
const sig_max_group_size = 50 &redef;
const max_analyzer_violations = 1000 &redef;

# --- Protocols ------------------------------------------------------------------------------------

# `dns_answer$answer_type`: the section that a record stands in; the last two replace the second and
# the third in dynamic updates (RFC 2136).
const DNS_QUERY = 0;
const DNS_ANS = 1;
const DNS_AUTH = 2;
const DNS_ADDL = 3;
const DNS_PREREQUISITE = 4;
const DNS_UPDATE = 5;

const dns_session_timeout = 10sec &redef;
global dns_skip_auth: set[addr] &redef;
global dns_skip_addl: set[addr] &redef;
## Do not look into the authority section.
global dns_skip_all_auth = T &redef;
## Do not look into the additional section (which holds EDNS and TSIG).
global dns_skip_all_addl = T &redef;
## Messages with more questions than this are not DNS; 0 for no limit.
global dns_max_queries = 25 &redef;
global dns_max_compression_chain_depth = 20 &redef;

## `http_entity_data` comes in pieces of up to this many bytes.
global http_entity_data_delivery_size = 1500 &redef;
## Do not look at bodies at all.
const skip_http_data = F &redef;
## Cut longer URIs; negative for never.
const truncate_http_URI = -1 &redef;

global mime_segment_length = 1024 &redef;
global mime_segment_overlap_length = 0 &redef;

const rpc_timeout = 24sec &redef;
const rpc_max_pending_calls = 1000 &redef;
const netbios_ssn_session_timeout: interval = 15sec &redef;

const LOGIN_STATE_AUTHENTICATE = 0;
const LOGIN_STATE_LOGGED_IN = 1;
const LOGIN_STATE_SKIP = 2;
const LOGIN_STATE_CONFUSED = 3;
global skip_authentication: set[string] &redef;
global direct_login_prompts: set[string] &redef;
global login_prompts: set[string] &redef;
global login_non_failure_msgs: set[string] &redef;
global login_failure_msgs: set[string] &redef;
global login_success_msgs: set[string] &redef;
global login_timeouts: set[string] &redef;

# --- Scripts --------------------------------------------------------------------------------------

# Entries with an expiry are looked at every interval, a step's worth at a time.
const table_expire_interval = 10secs &redef;
const table_incremental_step = 5000 &redef;
const table_expire_delay = 0.01secs &redef;
## `find_all` refuses longer strings; negative for no limit.
const max_find_all_string_length: int = 10000 &redef;

const profiling_interval = 0secs &redef;
const expensive_profiling_multiple = 0 &redef;
const pkt_profile_mode = PKT_PROFILE_MODE_NONE &redef;
const pkt_profile_freq = 0.0 &redef;
global profiling_file: file &redef;
global pkt_profile_file: file &redef;
