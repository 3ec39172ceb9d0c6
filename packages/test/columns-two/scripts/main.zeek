##! A column each for conn.log and http.log.

@load base/protocols/conn
@load base/protocols/http

module ColumnsTwo;

export {
    redef record Conn::Info += { two_bytes: count &log &optional; };
    redef record HTTP::Info += { two_parts: count &log &optional; };
}

event connection_state_remove(c: connection) {
    c$conn$two_bytes = c$orig$size + c$resp$size;
}

event http_request(c: connection, method: string, original_URI: string, unescaped_URI: string,
        version: string) {
    if (c?$http)
        c$http$two_parts = |split_string(unescaped_URI, /\//)|;
}
