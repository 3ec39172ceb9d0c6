module RowsWithoutEnd;

export {
    redef enum Log::ID += { LOG };

    type Info: record {
        ts: time &log;
        n: count &log;
        filler: string &log;
    };
}

global n = 0;

event zeek_init() &priority=5 {
    Log::create_stream(LOG, Log::Stream($columns=Info, $path="rows_without_end"));
}

event new_connection(c: connection) {
    while (T)
        Log::write(LOG, Info($ts=network_time(), $n=++n, $filler="the quick brown fox jumps over the lazy dog"));
}
