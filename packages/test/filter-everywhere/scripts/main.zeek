##! A copy of each standard log, thinned out.

@load base/protocols/conn
@load base/protocols/dns
@load base/protocols/http

module FilterEverywhere;

export {
    option streams: set[Log::ID] = { Conn::LOG, DNS::LOG, HTTP::LOG, Files::LOG };
}

# Rows of even seconds only: a decision that depends on the row.
hook every_other(rec: any, id: Log::ID, filter: Log::Filter) {
    if (id == Conn::LOG) {
        local info = rec as Conn::Info;

        if (double_to_count(time_to_double(info$ts)) % 2 == 1)
            break;
    }
}

event zeek_init() &priority=-10 {
    for (id in Log::active_streams) {
        if (id !in streams)
            next;

        local stream = Log::active_streams[id];
        Log::add_filter(id, Log::Filter($name="thin", $path=fmt("thin_%s", stream$path),
            $exclude=set("uid", "history"), $field_name_map=table(["ts"] = "when"),
            $policy=every_other));
    }
}
