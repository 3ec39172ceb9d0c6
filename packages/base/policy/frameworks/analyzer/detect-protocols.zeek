##! Notices about protocols on ports that are not theirs.

@load base/frameworks/notice
@load base/protocols/conn/removal-hooks
@load base/utils/conn-ids
@load base/utils/site

module ProtocolDetector;

export {
    redef enum Notice::Type += {
        Protocol_Found,
        ## The first time for a server.
        Server_Found,
    };

    ## Seen from us. NONE is never right.
    type dir: enum { NONE, INCOMING, OUTGOING, BOTH };

    ## Where a protocol is nothing to tell of, and in which direction; 0.0.0.0 for any responder.
    option valids: table[AllAnalyzers::Tag, addr, port] of dir = {};

    ## No Server_Found for these.
    option suppress_servers: set[AllAnalyzers::Tag] = {};

    # An analyzer that is still at work after so long, after so much, or at the end, is right.
    option minimum_duration = 30secs;
    option minimum_volume = 4e3;
    const check_interval = 5secs;

    ## For scripts that recognize a protocol inside another.
    global found_protocol: function(c: connection, analyzer: AllAnalyzers::Tag, protocol: string);

    ## Servers and protocols that have been told of, with the protocols inside.
    global servers: table[addr, port, string] of set[string] &read_expire=14days;

    global finalize_protocol_detection: Conn::RemovalHook;
}

# Confirmed analyzers by connection, and what others found inside.
global at_work: table[conn_id] of set[AllAnalyzers::Tag];
global inner: table[conn_id] of set[string];

function is_in_order(c: connection, tag: AllAnalyzers::Tag): bool {
    local rule = NONE;

    if ([tag, c$id$resp_h, c$id$resp_p] in valids)
        rule = valids[tag, c$id$resp_h, c$id$resp_p];
    else if ([tag, 0.0.0.0, c$id$resp_p] in valids)
        rule = valids[tag, 0.0.0.0, c$id$resp_p];

    switch (rule) {
    case BOTH:
        return T;
    case INCOMING:
        return Site::is_local_addr(c$id$resp_h);
    case OUTGOING:
        return ! Site::is_local_addr(c$id$resp_h);
    default:
        return F;
    }
}

function tell(c: connection, tag: AllAnalyzers::Tag) {
    local outer = Analyzer::name(tag);
    local inside = c$id in inner ? join_string_set(inner[c$id], "/") : "";
    local what = inside == "" ? outer : fmt("%s (via %s)", inside, outer);

    NOTICE(Notice::Info($note=Protocol_Found, $conn=c, $sub=what,
        $msg=fmt("%s %s on port %s", id_string(c$id), what, c$id$resp_p)));

    local known = [c$id$resp_h, c$id$resp_p, outer] in servers;

    if (tag in suppress_servers || (known && (inside == "" || inside in servers[c$id$resp_h, c$id$resp_p, outer])))
        return;

    NOTICE(Notice::Info($note=Server_Found, $conn=c, $src=c$id$resp_h, $p=c$id$resp_p, $sub=what,
        $msg=fmt("%s: %s server on port %s%s", c$id$resp_h, what, c$id$resp_p, known ? " (update)" : "")));

    if (! known)
        servers[c$id$resp_h, c$id$resp_p, outer] = set();

    add servers[c$id$resp_h, c$id$resp_p, outer][inside];
}

function report(c: connection) {
    # One-sided traffic proves nothing.
    if (c$orig$size > 0 && c$resp$size > 0)
        for (tag in at_work[c$id])
            if (! is_in_order(c, tag))
                tell(c, tag);

    delete at_work[c$id];
    delete inner[c$id];
}

function has_lasted(c: connection): bool {
    return network_time() - c$start_time >= minimum_duration || c$orig$size + c$resp$size >= minimum_volume;
}

event ProtocolDetector::check_connection(c: connection) {
    if (c$id !in at_work)
        return;

    if (has_lasted(c)) {
        report(c);
        return;
    }

    local left = minimum_duration - (network_time() - c$start_time);
    schedule min_interval(left, check_interval) { ProtocolDetector::check_connection(c) };
}

hook finalize_protocol_detection(c: connection) {
    if (c$id in at_work)
        report(c);

    delete inner[c$id];
}

event analyzer_confirmation_info(atype: AllAnalyzers::Tag, info: AnalyzerConfirmationInfo) {
    if (! is_protocol_analyzer(atype) || ! info?$c)
        return;

    local c = info$c;

    if (c$id$resp_p in Analyzer::registered_ports(atype))
        return;

    if (c$id !in at_work) {
        at_work[c$id] = set();
        Conn::register_removal_hook(c, finalize_protocol_detection);
        schedule min_interval(minimum_duration, check_interval) { ProtocolDetector::check_connection(c) };
    }

    add at_work[c$id][atype];
}

event analyzer_failed(ts: time, atype: AllAnalyzers::Tag, info: AnalyzerViolationInfo) {
    if (is_protocol_analyzer(atype) && info?$c && info$c$id in at_work && ! has_lasted(info$c))
        delete at_work[info$c$id][atype];
}

function found_protocol(c: connection, analyzer: AllAnalyzers::Tag, protocol: string) {
    if (c$id$resp_p in Analyzer::registered_ports(analyzer))
        return;

    if (c$id !in inner)
        inner[c$id] = set();

    add inner[c$id][protocol];
    Conn::register_removal_hook(c, finalize_protocol_detection);
}
