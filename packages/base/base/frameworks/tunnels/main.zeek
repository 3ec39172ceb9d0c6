##! tunnel.log: tunnels as they are discovered, closed, or not heard of for too long.

@load base/protocols/conn/removal-hooks

module Tunnel;

export {
    redef enum Log::ID += { LOG };

    type Action: enum { DISCOVER, CLOSE, EXPIRE };

    type Info: record {
        ts: time &log;
        uid: string &log &optional;
        ## The outer connection, or what serves as its identity.
        id: conn_id &log;
        tunnel_type: Tunnel::Type &log;
        action: Action &log;
    };

    global log_policy: Log::PolicyHook;

    const expiration_interval = 1hrs &redef;

    ## Notes a tunnel, unless it is known.
    global register: function(ec: EncapsulatingConn);
    global register_all: function(ecv: EncapsulatingConnVector);
    global close: function(tunnel: Info, action: Action);

    ## Expiry function of `active`.
    global expire: function(t: table[conn_id] of Info, idx: conn_id): interval;
    global active: table[conn_id] of Info = table() &read_expire=expiration_interval &expire_func=expire;

    global finalize_tunnel: Conn::RemovalHook;
}

event zeek_init() &priority=5 {
    Log::create_stream(LOG, Log::Stream($columns=Info, $path="tunnel", $policy=log_policy));
}

function register(ec: EncapsulatingConn) {
    if (ec$cid in active)
        return;

    local tunnel = Info($ts=network_time(), $id=ec$cid, $tunnel_type=ec$tunnel_type, $action=DISCOVER);

    if (ec?$uid)
        tunnel$uid = ec$uid;

    active[ec$cid] = tunnel;

    if (connection_exists(ec$cid))
        Conn::register_removal_hook(lookup_connection(ec$cid), finalize_tunnel);

    Log::write(LOG, tunnel);
}

function register_all(ecv: EncapsulatingConnVector) {
    for (_, ec in ecv)
        register(ec);
}

function close(tunnel: Info, action: Action) {
    tunnel$ts = network_time();
    tunnel$action = action;
    Log::write(LOG, tunnel);
    delete active[tunnel$id];
}

function expire(t: table[conn_id] of Info, idx: conn_id): interval {
    close(t[idx], EXPIRE);
    return 0secs;
}

hook finalize_tunnel(c: connection) {
    if (c$id in active)
        close(active[c$id], CLOSE);
}

event new_connection(c: connection) &priority=5 {
    if (c?$tunnel)
        register_all(c$tunnel);
}

event tunnel_changed(c: connection, e: EncapsulatingConnVector) &priority=5 {
    register_all(e);
}
