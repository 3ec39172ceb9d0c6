module ValueInItself;

export {
    redef enum Log::ID += { LOG };

    type Info: record {
        ts: time &log;
        text: string &log;
    };
}

event zeek_init() &priority=5 {
    Log::create_stream(LOG, Log::Stream($columns=Info, $path="value_in_itself"));
}

event new_connection(c: connection) {
    local box: vector of any = vector();
    box += box;
    box += box;

    Log::write(LOG, Info($ts=network_time(), $text=cat(box)));
    print to_json(box), copy(box);
}
