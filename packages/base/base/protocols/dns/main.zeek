##! dns.log: a row for each query with its answer.
##!
##! Queries and answers of a connection are paired by transaction ID, first come first served.
##! What finds no partner is logged alone: when too much piles up, or when the connection ends.

@load base/frameworks/logging
@load base/protocols/conn/removal-hooks
@load base/utils/queue
@load ./consts

module DNS;

export {
    redef enum Log::ID += { LOG };

    type Info: record {
        ## Time of the query, or of the answer if that came first.
        ts: time &log;
        uid: string &log;
        id: conn_id &log;
        proto: transport_proto &log;
        trans_id: count &log &optional;
        ## Between query and answer.
        rtt: interval &log &optional;
        query: string &log &optional;
        qclass: count &log &optional;
        qclass_name: string &log &optional;
        qtype: count &log &optional;
        qtype_name: string &log &optional;
        rcode: count &log &optional;
        rcode_name: string &log &optional;
        # Flags of the header: the server's own data, cut short, recursion wanted, recursion offered.
        AA: bool &log &default=F;
        TC: bool &log &default=F;
        RD: bool &log &default=F;
        RA: bool &log &default=F;
        Z: count &log &default=0;
        ## Answers as text, and how long each may be cached.
        answers: vector of string &log &optional;
        TTLs: vector of interval &log &optional;
        rejected: bool &log &default=F;
        opcode: count &log &optional;
        opcode_name: string &log &optional;

        ## Records in the answer section, and in all sections but the question's.
        total_answers: count &optional;
        total_replies: count &optional;

        saw_query: bool &default=F;
        saw_reply: bool &default=F;
    };

    global log_dns: event(rec: Info);
    global log_policy: Log::PolicyHook;

    const ports = { 53/udp, 53/tcp, 137/udp, 5353/udp, 5355/udp } &redef;

    ## Called with each record that is an answer; `reply` is the text for dns.log, empty for none.
    global do_reply: hook(c: connection, msg: dns_msg, ans: dns_answer, reply: string);

    ## Called with each message; puts the row that it belongs to into c$dns.
    global set_session: hook(c: connection, msg: dns_msg, is_query: bool);

    ## Rows without a partner yet, by transaction ID.
    type PendingMessages: table[count] of Queue::Queue;

    # Beyond so many rows of one ID, or so many IDs, they are logged without a partner.
    option max_pending_msgs = 50;
    option max_pending_query_ids = 50;

    ## Answers from these come on another connection than the query; each message is a row.
    option multicast_subnets: set[subnet] = { 224.0.0.0/4, [ff00::]/8 };

    type State: record {
        ## The one query that waits, as a rule. Others wait in `pending_queries`.
        pending_query: Info &optional;
        pending_queries: PendingMessages &optional;
        ## Answers that came before their query.
        pending_replies: PendingMessages &optional;
    };

    global finalize_dns: Conn::RemovalHook;
}

redef record connection += {
    dns: Info &optional;
    dns_state: State &optional;
};

event zeek_init() &priority=5 {
    Log::create_stream(LOG, Log::Stream($columns=Info, $ev=log_dns, $path="dns", $policy=log_policy));
    Analyzer::register_for_ports(Analyzer::ANALYZER_DNS, ports);
}

# --- Rows that wait ------------------------------------------------------------------------------

function log_queue(q: Queue::Queue) {
    while (Queue::len(q) > 0)
        Log::write(LOG, Queue::get(q) as Info);
}

function log_all(waiting: PendingMessages) {
    for (_, q in waiting)
        log_queue(q);

    clear_table(waiting);
}

function someone_waits(waiting: PendingMessages, trans_id: count): bool {
    return trans_id in waiting && Queue::len(waiting[trans_id]) > 0;
}

# When too much waits, partners are not to be expected any more.
function wait_in(waiting: PendingMessages, trans_id: count, row: Info) {
    if (trans_id in waiting) {
        if (Queue::len(waiting[trans_id]) > max_pending_msgs) {
            log_queue(waiting[trans_id]);
            waiting[trans_id] = Queue::init();
        }
    }
    else {
        if (|waiting| > max_pending_query_ids)
            log_all(waiting);

        waiting[trans_id] = Queue::init();
    }

    Queue::put(waiting[trans_id], row);
}

function next_in(waiting: PendingMessages, trans_id: count): Info {
    local row = Queue::get(waiting[trans_id]) as Info;

    if (Queue::len(waiting[trans_id]) == 0)
        delete waiting[trans_id];

    return row;
}

# --- Pairing -------------------------------------------------------------------------------------

function new_row(c: connection, trans_id: count): Info {
    return Info($ts=network_time(), $uid=c$uid, $id=c$id,
        $proto=get_port_transport_proto(c$id$resp_p), $trans_id=trans_id);
}

function row_for_query(c: connection, trans_id: count): Info {
    local state = c$dns_state;

    if (state?$pending_replies && someone_waits(state$pending_replies, trans_id))
        return next_in(state$pending_replies, trans_id);

    local row = new_row(c, trans_id);

    if (! state?$pending_query)
        state$pending_query = row;
    else {
        if (! state?$pending_queries)
            state$pending_queries = table();

        wait_in(state$pending_queries, trans_id, row);
    }

    return row;
}

# The place in front must not stay empty while others wait, or a later query would overtake them.
# One of the same ID comes first, else any.
function move_up(state: State, trans_id: count) {
    if (someone_waits(state$pending_queries, trans_id)) {
        state$pending_query = next_in(state$pending_queries, trans_id);
        return;
    }

    for (other in state$pending_queries)
        if (someone_waits(state$pending_queries, other)) {
            state$pending_query = next_in(state$pending_queries, other);
            return;
        }
}

function row_for_reply(c: connection, trans_id: count): Info {
    local state = c$dns_state;

    if (state?$pending_query && state$pending_query$trans_id == trans_id) {
        local row = state$pending_query;
        delete state$pending_query;

        if (state?$pending_queries)
            move_up(state, trans_id);

        return row;
    }

    if (state?$pending_queries && someone_waits(state$pending_queries, trans_id))
        return next_in(state$pending_queries, trans_id);

    local lone_row = new_row(c, trans_id);

    if (! state?$pending_replies)
        state$pending_replies = table();

    wait_in(state$pending_replies, trans_id, lone_row);
    return lone_row;
}

hook set_session(c: connection, msg: dns_msg, is_query: bool) &priority=5 {
    if (! c?$dns_state) {
        c$dns_state = State();
        Conn::register_removal_hook(c, finalize_dns);
    }

    if (c$id$resp_h in multicast_subnets) {
        c$dns = new_row(c, msg$id);
        # Complete as it is.
        c$dns$saw_query = T;
        c$dns$saw_reply = T;
    }
    else
        c$dns = is_query ? row_for_query(c, msg$id) : row_for_reply(c, msg$id);

    local row = c$dns;

    if (! is_query) {
        row$rcode = msg$rcode;
        row$rcode_name = base_errors[msg$rcode];

        if (! row?$total_answers)
            row$total_answers = msg$num_answers;

        if (! row?$total_replies)
            row$total_replies = msg$num_answers + msg$num_addl + msg$num_auth;

        if (msg$rcode != 0 && msg$num_queries == 0)
            row$rejected = T;
    }

    row$opcode = msg$opcode;
    row$opcode_name = msg$is_netbios ? netbios_opcodes[msg$opcode] : opcodes[msg$opcode];
}

# --- Events --------------------------------------------------------------------------------------

# The other opcodes have no queries and answers in this sense.
function is_tracked(msg: dns_msg): bool {
    return msg$opcode == DNS_OP_QUERY || msg$opcode == DNS_OP_DYNAMIC_UPDATE || msg$opcode == DNS_OP_NOTIFY;
}

event dns_message(c: connection, is_orig: bool, msg: dns_msg, len: count) &priority=5 {
    if (is_tracked(msg))
        hook set_session(c, msg, ! msg$QR);
}

event dns_request(c: connection, msg: dns_msg, query: string, qtype: count, qclass: count) &priority=5 {
    if (! is_tracked(msg))
        return;

    local row = c$dns;

    row$RD = msg$RD;
    row$TC = msg$TC;
    row$Z = msg$Z;
    row$qclass = qclass;
    row$qclass_name = classes[qclass];
    row$qtype = qtype;
    row$qtype_name = query_types[qtype];
    row$query = query;

    if (c$id$resp_p == 137/udp) {
        # NetBIOS hides names in half-bytes, and uses the number of SRV for its own node status.
        local name = decode_netbios_name(query);

        if (|name| > 0)
            row$query = name;

        if (row$qtype_name == "SRV")
            row$qtype_name = "NBSTAT";
    }
}

event dns_rejected(c: connection, msg: dns_msg, query: string, qtype: count, qclass: count) &priority=5 {
    if (c?$dns)
        c$dns$rejected = T;
}

hook do_reply(c: connection, msg: dns_msg, ans: dns_answer, reply: string) &priority=5 {
    # A query that brings records along is not answered by them.
    if (! is_tracked(msg) || ! msg$QR)
        return;

    if (ans$answer_type != DNS_ANS && ans$answer_type != DNS_PREREQUISITE && ans$answer_type != DNS_UPDATE)
        return;

    local row = c$dns;

    if (! row?$query)
        row$query = ans$query;

    row$AA = msg$AA;
    row$RA = msg$RA;

    # No time has passed if the answer is all that was seen.
    local elapsed = network_time() - row$ts;

    if (! row?$rtt && elapsed != 0secs)
        row$rtt = elapsed;

    if (reply == "")
        return;

    if (! row?$answers)
        row$answers = vector();

    if (! row?$TTLs)
        row$TTLs = vector();

    # In an update every record is an addition, unless its text says "del:".
    local is_addition = msg$opcode == DNS_OP_DYNAMIC_UPDATE && ans$answer_type == DNS_UPDATE
        && ! starts_with(reply, "del:");

    row$answers += is_addition ? string_cat("add: ", reply) : reply;
    row$TTLs += ans$TTL;
}

event dns_end(c: connection, msg: dns_msg) &priority=5 {
    if (! c?$dns)
        return;

    if (msg$QR)
        c$dns$saw_reply = T;
    else
        c$dns$saw_query = T;
}

event dns_end(c: connection, msg: dns_msg) &priority=-5 {
    if (! c?$dns || ! c$dns$saw_query || ! c$dns$saw_reply)
        return;

    Log::write(LOG, c$dns);
    delete c$dns;
}

hook finalize_dns(c: connection) {
    if (! c?$dns_state)
        return;

    local state = c$dns_state;

    if (state?$pending_query)
        Log::write(LOG, state$pending_query);

    if (state?$pending_queries)
        log_all(state$pending_queries);

    if (state?$pending_replies)
        log_all(state$pending_replies);
}
