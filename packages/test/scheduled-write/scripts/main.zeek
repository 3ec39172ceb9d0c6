##! A look back at each connection some time after it began.

@load base/frameworks/notice

module ScheduledWrite;

export {
    redef enum Log::ID += { LOG };
    redef enum Notice::Type += { Looked_Back };

    type Info: record {
        ts: time &log;
        uid: string &log;
        ## Time since the connection began.
        after: interval &log;
        still_there: bool &log;
    };

    option delay = 5sec;
}

event zeek_init() &priority=5 {
    Log::create_stream(LOG, Log::Stream($columns=Info, $path="scheduled_write"));
}

event ScheduledWrite::look_back(uid: string, id: conn_id, began: time) {
    Log::write(LOG, Info($ts=network_time(), $uid=uid, $after=network_time() - began,
        $still_there=connection_exists(id)));

    NOTICE(Notice::Info($note=Looked_Back, $msg=fmt("looked back at %s", id$resp_p), $src=id$orig_h,
        $identifier=cat(id$resp_p)));
}

event new_connection(c: connection) {
    schedule delay { ScheduledWrite::look_back(c$uid, c$id, network_time()) };
}
