##! weird.log: traffic that no protocol specification foresees. The analysis reports each kind under a
##! name; the table `actions` says what to do about it.

@load base/frameworks/logging
@load base/utils/conn-ids
@load base/utils/site
@load ./main
@load ./weird-actions

module Weird;

export {
    redef enum Log::ID += { LOG };

    redef enum Notice::Type += {
        ## A weird whose action is one of the NOTICE actions.
        Activity,
    };

    type Info: record {
        ts: time &log;
        uid: string &log &optional;
        id: conn_id &log &optional;
        conn: connection &optional;
        name: string &log;
        ## More about it, if the analysis says more.
        addl: string &log &optional;
        ## A notice was raised as well.
        notice: bool &log &default=F;
        peer: string &log &default=peer_description;
        ## The analyzer that met it.
        source: string &log &optional;
        ## What it happened to, for actions that act once per thing.
        identifier: string &optional;
    };

    global log_weird: event(rec: Info);
    global log_policy: Log::PolicyHook;

    ## Weirds of these names are dropped when one of these hosts is involved.
    option ignore_hosts: set[addr, string] = {};

    ## Names that are logged again and again for one thing, subject to their action.
    option weird_do_not_ignore_repeats = {
        "bad_IP_checksum", "bad_TCP_checksum", "bad_UDP_checksum", "bad_ICMP_checksum",
    };

    ## Name and identifier of what is not to be logged again for a while.
    global weird_ignore: set[string, string] &create_expire=10min &redef;

    # What the actions with a limit have seen.
    global did_log: set[string, string] &create_expire=1day &redef;
    global did_notice: set[string, string] &create_expire=1day &redef;

    global weird: function(w: Weird::Info);
}

const raising_a_notice: set[Action] = {
    ACTION_NOTICE, ACTION_NOTICE_ONCE, ACTION_NOTICE_PER_CONN, ACTION_NOTICE_PER_ORIG,
};

event zeek_init() &priority=5 {
    Log::create_stream(LOG, Log::Stream($columns=Info, $ev=log_weird, $path="weird", $policy=log_policy));
}

# For actions with a limit: what the limit counts by. Unset for actions without one.
type Limit: record {
    by: string &optional;
};

function limit_of(action: Action, w: Info, identifier: string): Limit {
    switch (action) {
    case ACTION_LOG_ONCE, ACTION_NOTICE_ONCE:
        return Limit($by="");
    case ACTION_LOG_PER_ORIG, ACTION_NOTICE_PER_ORIG:
        return Limit($by=w?$id ? cat(w$id$orig_h) : identifier);
    case ACTION_LOG_PER_CONN, ACTION_NOTICE_PER_CONN:
        return Limit($by=identifier);
    default:
        return Limit();
    }
}

function raise_notice(w: Info) {
    local n = Notice::Info($note=Activity, $msg=w$name);

    if (w?$conn)
        n$conn = w$conn;
    else {
        if (w?$uid)
            n$uid = w$uid;

        if (w?$id)
            n$id = w$id;
    }

    if (w?$addl)
        n$sub = w$addl;

    NOTICE(n);
}

function weird(w: Weird::Info) {
    local action = actions[w$name];
    local identifier = w?$identifier ? w$identifier : w?$id ? id_string(w$id) : "";

    if (action == ACTION_IGNORE || [w$name, identifier] in weird_ignore)
        return;

    if (w?$conn) {
        w$uid = w$conn$uid;
        w$id = w$conn$id;
    }

    if (w?$id && ([w$id$orig_h, w$name] in ignore_hosts || [w$id$resp_h, w$name] in ignore_hosts))
        return;

    local limit = limit_of(action, w, identifier);
    local for_notice = action in raising_a_notice;

    if (limit?$by) {
        # References: one of the two sets, by what the action does.
        local seen = for_notice ? did_notice : did_log;

        if ([w$name, limit$by] in seen)
            return;

        add seen[w$name, limit$by];
    }

    if (for_notice) {
        w$notice = T;
        raise_notice(w);
    }

    if (w$name !in weird_do_not_ignore_repeats)
        add weird_ignore[w$name, identifier];

    Log::write(LOG, w);
}

# An empty string in the events stands for nothing to say.
function report(w: Info, addl: string, source: string) {
    if (addl != "")
        w$addl = addl;

    if (source != "")
        w$source = source;

    weird(w);
}

event conn_weird(name: string, c: connection, addl: string, source: string) {
    report(Info($ts=network_time(), $name=name, $conn=c, $identifier=id_string(c$id)), addl, source);
}

event expired_conn_weird(name: string, id: conn_id, uid: string, addl: string, source: string) {
    report(Info($ts=network_time(), $name=name, $uid=uid, $id=id, $identifier=id_string(id)), addl, source);
}

event flow_weird(name: string, src: addr, dst: addr, addl: string, source: string) {
    # Two hosts, no connection: port 0 of no transport on either side.
    local none = count_to_port(0, unknown_transport);
    local id = conn_id($orig_h=src, $orig_p=none, $resp_h=dst, $resp_p=none);

    report(Info($ts=network_time(), $name=name, $id=id, $identifier=fmt("%s -> %s", src, dst)), addl, source);
}

event net_weird(name: string, addl: string, source: string) {
    report(Info($ts=network_time(), $name=name), addl, source);
}

event file_weird(name: string, f: fa_file, addl: string, source: string) {
    local what = addl == "" ? f$id : fmt("%s: %s", f$id, addl);
    report(Info($ts=network_time(), $name=name), what, source);
}
