module LogNames;

export {
    redef enum Log::ID += { LOG };

    type Info: record {
        ts: time &log;
        text: string &log;
    };
}

const paths = vector("../outside", "/tmp/outside", "a/../../outside", ".hidden", "conn.log/x", "packages.log/x",
    "known_clients.log/x", "\x1b[2Jred", "tab\there", "a//b");
const extensions = vector("/../../outside", "x/../conn.log", "log/x", "\x1b[2J");

event zeek_init() {
    Log::create_stream(LOG, Log::Stream($columns=Info, $path="conn"));

    for (i, path in paths)
        Log::add_filter(LOG, Log::Filter($name=fmt("path %d", i), $path=path));

    for (i, extension in extensions)
        Log::add_filter(LOG, Log::Filter($name=fmt("extension %d", i), $path=fmt("by_extension_%d", i),
            $config=table(["file_extension"] = extension)));

    Log::write(LOG, Info($ts=network_time(), $text="not theirs"));
}
