##! Numbers about each request in http.log.

@load base/protocols/http

module HTTPStats;

export {
    redef record HTTP::Info += {
        request_headers: count &log &default=0;
        response_headers: count &log &default=0;
        ## From the request to the first line of its final reply.
        reply_delay: interval &log &optional;
    };
}

event http_header(c: connection, is_orig: bool, name: string, value: string) {
    if (! c?$http)
        return;

    if (is_orig)
        ++c$http$request_headers;
    else
        ++c$http$response_headers;
}

event http_reply(c: connection, version: string, code: count, reason: string) {
    if (c?$http && code >= 200)
        c$http$reply_delay = network_time() - c$http$ts;
}
