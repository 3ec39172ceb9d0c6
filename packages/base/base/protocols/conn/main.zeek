##! conn.log: a row for each connection, written when its state is removed.
##!
##! TCP connections, and for UDP, ICMP and the rest flows between the same two ends. For ICMP the
##! ports hold type and code.

@load base/frameworks/logging
@load base/utils/site

module Conn;

export {
    redef enum Log::ID += { LOG };

    type Info: record {
        ## Time of the first packet.
        ts: time &log;
        uid: string &log;
        id: conn_id &log;
        proto: transport_proto &log;
        ## Confirmed protocols, separated by commas.
        service: string &log &optional;
        ## From the first packet to the last one with something new; for TCP, what follows the
        ## closing of a side does not count.
        duration: interval &log &optional;
        ## Payload bytes. For TCP by sequence numbers, so including what was not captured.
        orig_bytes: count &log &optional;
        resp_bytes: count &log &optional;
        ## How it went:
        ##   S0      attempted, no answer              REJ     attempted, refused
        ##   S1      established, not closed           SF      established and closed by both
        ##   S2      closed by originator only         S3      closed by responder only
        ##   RSTO    reset by originator               RSTR    reset by responder
        ##   RSTOS0  SYN, then RST, no answer          RSTRH   SYN-ACK, then RST, no SYN seen
        ##   SH      SYN, then FIN, no answer          SHR     SYN-ACK, then FIN, no SYN seen
        ##   OTH     joined half-way, or none of these
        conn_state: string &log &optional;
        ## Whether the ends are ours; unset while there are no `Site::local_nets`.
        local_orig: bool &log &optional;
        local_resp: bool &log &optional;
        ## Payload bytes that were never seen.
        missed_bytes: count &log &default=0;
        ## A letter for each thing that happened, upper case for the originator:
        ##   s SYN, h SYN-ACK, a ACK, d data, f FIN, r RST, c bad checksum, g gap, t retransmission,
        ##   w window closed, i inconsistent flags, q SYN with FIN or RST, ^ sides were exchanged,
        ##   x analysis given up. c, g, t and w again at each tenth, hundredth and so on.
        history: string &log &optional;
        orig_pkts: count &log &optional;
        orig_ip_bytes: count &log &optional;
        resp_pkts: count &log &optional;
        resp_ip_bytes: count &log &optional;
        ## uids of connections that this one was inside of.
        tunnel_parents: set[string] &log &optional;
        ## IP protocol number.
        ip_proto: count &log &optional;
    };

    global log_conn: event(rec: Info);
    global log_policy: Log::PolicyHook;
}

redef record connection += {
    conn: Info &optional;
};

event zeek_init() &priority=5 {
    Log::create_stream(LOG, Log::Stream($columns=Info, $ev=log_conn, $path="conn", $policy=log_policy));
}

# The states in which a side never took part properly.
function never_got_going(state: count): bool {
    return state == TCP_INACTIVE || state == TCP_PARTIAL;
}

function tcp_outcome(c: connection): string {
    local orig = c$orig$state;
    local resp = c$resp$state;

    if (resp == TCP_RESET) {
        # A reset in answer to the first packet refuses; so does one that met another reset before
        # anybody had said anything.
        if (orig == TCP_SYN_SENT || orig == TCP_SYN_ACK_SENT
            || (orig == TCP_RESET && c$orig$size == 0 && c$resp$size == 0))
            return "REJ";

        return never_got_going(orig) ? "RSTRH" : "RSTR";
    }

    if (orig == TCP_RESET) {
        if (! never_got_going(resp))
            return "RSTO";

        # Without an answer it counts only if the history begins with a SYN and has nothing but it.
        return c$history == /\^?S[^HAFGIQ]*R.*/ ? "RSTOS0" : "OTH";
    }

    if (orig == TCP_CLOSED && resp == TCP_CLOSED)
        return "SF";

    if (orig == TCP_CLOSED)
        return never_got_going(resp) ? "SH" : "S2";

    if (resp == TCP_CLOSED)
        return never_got_going(orig) ? "SHR" : "S3";

    if (orig == TCP_SYN_SENT && resp == TCP_INACTIVE)
        return "S0";

    return orig == TCP_ESTABLISHED && resp == TCP_ESTABLISHED ? "S1" : "OTH";
}

function udp_outcome(c: connection): string {
    if (c$orig$state != UDP_ACTIVE)
        return c$resp$state == UDP_ACTIVE ? "SHR" : "OTH";

    return c$resp$state == UDP_ACTIVE ? "SF" : "S0";
}

function outcome(c: connection): string {
    switch (get_port_transport_proto(c$id$resp_p)) {
    case tcp:
        return tcp_outcome(c);
    case udp:
        return udp_outcome(c);
    default:
        return "OTH";
    }
}

function note_tunnel(info: Info, tunnel: EncapsulatingConnVector) {
    if (|tunnel| == 0)
        return;

    if (! info?$tunnel_parents)
        info$tunnel_parents = set();

    add info$tunnel_parents[tunnel[|tunnel| - 1]$uid];
}

function note_locality(c: connection) {
    c$conn$local_orig = Site::is_local_addr(c$id$orig_h);
    c$conn$local_resp = Site::is_local_addr(c$id$resp_h);
}

# Before anybody else's handler, all of whom find c$conn in place.
event new_connection(c: connection) &priority=100 {
    if (! c?$conn)
        c$conn = Info($ts=c$start_time, $uid=c$uid, $id=c$id,
            $proto=get_port_transport_proto(c$id$resp_p));

    c$conn$id = c$id;

    if (c?$tunnel)
        note_tunnel(c$conn, c$tunnel);

    if (c$id$proto != 65535)
        c$conn$ip_proto = c$id$proto;

    if (|Site::local_nets| > 0)
        note_locality(c);
}

event connection_flipped(c: connection) &priority=5 {
    # Flipped before it was announced: new_connection will see the right sides.
    if (! c?$conn)
        return;

    c$conn$id = c$id;
    note_locality(c);
}

event content_gap(c: connection, is_orig: bool, seq: count, length: count) &priority=5 {
    c$conn$missed_bytes += length;
}

event tunnel_changed(c: connection, e: EncapsulatingConnVector) &priority=5 {
    note_tunnel(c$conn, e);
    c$tunnel = e;
}

# What is known of a connection only at its end.
function complete_row(c: connection) {
    local info = c$conn;

    # One packet has no duration, and then its bytes say nothing either.
    if (c$duration > 0secs) {
        info$duration = c$duration;
        info$orig_bytes = c$orig$size;
        info$resp_bytes = c$resp$size;
    }

    if (c$orig?$num_pkts) {
        info$orig_pkts = c$orig$num_pkts;
        info$orig_ip_bytes = c$orig$num_bytes_ip;
        info$resp_pkts = c$resp$num_pkts;
        info$resp_ip_bytes = c$resp$num_bytes_ip;
    }

    if (|c$service| > 0)
        info$service = to_lower(join_string_set(c$service, ","));

    info$conn_state = outcome(c);

    if (c$history != "")
        info$history = c$history;
}

# Brings the row up to date; at the end of the connection (`eoc`) with what is known only then. Not
# exported in Zeek either, but packages call it by its full name.
function set_conn(c: connection, eoc: bool) {
    if (! c?$conn)
        c$conn = Info($ts=c$start_time, $uid=c$uid, $id=c$id,
            $proto=get_port_transport_proto(c$id$resp_p));

    if (eoc)
        complete_row(c);
}

event connection_state_remove(c: connection) &priority=5 {
    complete_row(c);
}

event connection_state_remove(c: connection) &priority=-5 {
    Log::write(LOG, c$conn);
}
