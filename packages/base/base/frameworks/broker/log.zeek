##! broker.log: what the events about peers say.

@load base/frameworks/logging
@load ./main

module Broker;

export {
    redef enum Log::ID += { LOG };

    type Type: enum {
        STATUS, ERROR, CRITICAL_EVENT, ERROR_EVENT, WARNING_EVENT, INFO_EVENT, VERBOSE_EVENT,
        DEBUG_EVENT,
    };

    type Info: record {
        ts: time &log;
        ty: Type &log;
        ev: string &log;
        peer: NetworkInfo &log &optional;
        message: string &log &optional;
    };

    global log_policy: Log::PolicyHook;
}

event zeek_init() &priority=5 {
    Log::create_stream(LOG, Log::Stream($columns=Info, $path="broker", $policy=log_policy));
}

function log_status(ev: string, endpoint: EndpointInfo, msg: string) {
    local row = Info($ts=network_time(), $ty=STATUS, $ev=ev, $message=msg);

    if (endpoint?$network)
        row$peer = endpoint$network;

    Log::write(LOG, row);
}

event peer_added(endpoint: EndpointInfo, msg: string) {
    log_status("peer-added", endpoint, msg);
}

event peer_removed(endpoint: EndpointInfo, msg: string) {
    log_status("peer-removed", endpoint, msg);
}

event peer_lost(endpoint: EndpointInfo, msg: string) {
    log_status("connection-terminated", endpoint, msg);
}

event error(code: ErrorCode, msg: string) {
    # Broker::PEER_INVALID is written as "peer-invalid".
    local name = to_lower(gsub(sub(cat(code), /^Broker::/, ""), /_/, "-"));
    Log::write(LOG, Info($ts=network_time(), $ty=ERROR, $ev=name, $message=msg));
    Reporter::error(fmt("Broker error (%s): %s", code, msg));
}
