##! Clients as they fall silent.

module ExpiryWrite;

export {
    redef enum Log::ID += { LOG };

    type Info: record {
        ts: time &log;
        client: addr &log;
        connections: count &log;
    };
}

function fell_silent(t: table[addr] of count, client: addr): interval {
    Log::write(LOG, Info($ts=network_time(), $client=client, $connections=t[client]));
    return 0sec;
}

global connections: table[addr] of count &default=0 &write_expire=3sec &expire_func=fell_silent;

event zeek_init() &priority=5 {
    Log::create_stream(LOG, Log::Stream($columns=Info, $path="expiry_write"));
}

event new_connection(c: connection) {
    ++connections[c$id$orig_h];
}
