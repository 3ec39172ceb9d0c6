##! A column each for conn.log and http.log.

@load base/protocols/conn
@load base/protocols/http

module ColumnsOne;

export {
    redef record Conn::Info += { one_service_count: count &log &optional; };
    redef record HTTP::Info += { one_class: string &log &optional; };
}

event connection_state_remove(c: connection) {
    c$conn$one_service_count = |c$service|;
}

event http_reply(c: connection, version: string, code: count, reason: string) {
    if (c?$http)
        c$http$one_class = fmt("%dxx", code / 100);
}
