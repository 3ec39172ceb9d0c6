##! loaded_scripts.log: every script that was loaded, indented by who loaded it.

@load base/utils/paths

module LoadedScripts;

export {
    redef enum Log::ID += { LOG };

    type Info: record {
        name: string &log;
    };

    global log_policy: Log::PolicyHook;
}

event zeek_init() &priority=5 {
    Log::create_stream(LOG, Log::Stream($columns=Info, $path="loaded_scripts", $policy=log_policy));
}

event zeek_script_loaded(path: string, level: count) {
    local indent = "";

    while (|indent| < 2 * level)
        indent += "  ";

    Log::write(LOG, Info($name=string_cat(indent, compress_path(path))));
}
