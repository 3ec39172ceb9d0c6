##! A hook handler that ends the hook, for a notice and for rows of its own.

@load base/frameworks/notice

module HookThatBreaks;

export {
    redef enum Log::ID += { LOG };
    redef enum Notice::Type += { Kept, Held_Back };

    type Info: record {
        ts: time &log;
        uid: string &log;
        resp_p: port &log;
    };

    global log_policy: Log::PolicyHook;
}

event zeek_init() &priority=5 {
    Log::create_stream(LOG, Log::Stream($columns=Info, $path="hook_that_breaks", $policy=log_policy));
}

hook log_policy(rec: HookThatBreaks::Info, id: Log::ID, filter: Log::Filter) {
    if (rec$resp_p == 53/udp)
        break;
}

# Before the standard handler, which makes logging one of the actions.
hook Notice::policy(n: Notice::Info) &priority=20 {
    if (n$note == Held_Back)
        break;
}

event connection_state_remove(c: connection) {
    Log::write(LOG, Info($ts=network_time(), $uid=c$uid, $resp_p=c$id$resp_p));

    NOTICE(Notice::Info($note=get_port_transport_proto(c$id$resp_p) == tcp ? Kept : Held_Back,
        $msg="a connection is over", $conn=c, $identifier=cat(c$id$resp_h, c$id$resp_p)));
}
