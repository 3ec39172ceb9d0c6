module HugeRow;

export {
    redef enum Log::ID += { LOG };

    type Info: record {
        ts: time &log;
        everything: string &log;
    };
}

event zeek_init() &priority=5 {
    # No limit of the framework's own stands in the way.
    Log::create_stream(LOG, Log::Stream($columns=Info, $path="huge_row", $max_field_string_bytes=0,
        $max_total_string_bytes=0));
}

event new_connection(c: connection) {
    local everything = "0123456789abcdef";

    while (|everything| < 134217728)
        everything = string_cat(everything, everything);

    Log::write(LOG, Info($ts=network_time(), $everything=everything));
}
