##! Who connects to the server: each address once, and again after a day.

module KnownClients;

export {
    redef enum Log::ID += { LOG };

    type Info: record {
        ts: time &log;
        uid: string &log;
        id: conn_id &log;
        ## The address that was new.
        client: addr &log;
        ## How many are known, this one included.
        clients: count &log;
    };

    ## The server that matters.
    option server = 10.80.0.1;

    ## Everybody who connected to it within the last day.
    global clients: set[addr] &create_expire=1day &redef;

    ## Raised for each address when it is added.
    global new_client: event(c: connection, client: addr);

    global log_policy: Log::PolicyHook;
    global log_known_clients: event(rec: Info);
}

event zeek_init() &priority=5 {
    Log::create_stream(LOG, Log::Stream($columns=Info, $ev=log_known_clients, $path="known_clients",
        $policy=log_policy));
}

event connection_established(c: connection) {
    local client = c$id$orig_h;

    if (c$id$resp_h != server || client in clients)
        return;

    add clients[client];
    event KnownClients::new_client(c, client);
    Log::write(LOG, Info($ts=network_time(), $uid=c$uid, $id=c$id, $client=client, $clients=|clients|));
}
