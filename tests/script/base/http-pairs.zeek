# Requests and replies find each other by their order, pipelined or not.
function stat(length: count): http_message_stat {
    return http_message_stat($start=double_to_time(1.0), $interrupted=F, $finish_msg="message ends normally",
        $body_length=length, $content_gap_length=0, $header_length=10);
}

function request(c: connection, method: string, uri: string) {
    event http_request(c, method, uri, uri, "1.1");
    event http_begin_entity(c, T);
    event http_header(c, T, "HOST", "HOST", "www.harbour.test");
    event http_header(c, T, "VIA", "VIA", "quay");
    event http_end_entity(c, T);
    event http_message_done(c, T, stat(0));
}

function reply(c: connection, code: count, length: count) {
    event http_reply(c, "1.1", code, "Reason");
    event http_begin_entity(c, F);
    event http_end_entity(c, F);
    event http_message_done(c, F, stat(length));
}

event HTTP::log_http(rec: HTTP::Info) {
    print rec$trans_depth, rec?$method ? rec$method : "-", rec?$uri ? rec$uri : "-", rec?$status_code ? cat(rec$status_code) : "-",
        rec$response_body_len, rec?$info_code ? cat(rec$info_code) : "-",
        rec?$proxied ? |rec$proxied| : 0;
}

event conn_weird(name: string, c: connection, addl: string, source: string) {
    print "weird", name, addl;
}

event zeek_init() {
    local c = connection($id=conn_id($orig_h=10.0.0.1, $orig_p=1/tcp, $resp_h=10.0.0.2, $resp_p=80/tcp),
        $orig=endpoint($size=0, $state=TCP_ESTABLISHED, $flow_label=0),
        $resp=endpoint($size=0, $state=TCP_ESTABLISHED, $flow_label=0),
        $start_time=double_to_time(1.0), $duration=2sec, $service=set(), $history="ShADd", $uid="C1");

    event new_connection(c);
    request(c, "GET", "/one");
    reply(c, 200, 100); # expect: 1, GET, /one, 200, 100, -, 1
    request(c, "GET", "/two");
    request(c, "PUT", "/three");
    reply(c, 404, 20); # expect: 2, GET, /two, 404, 20, -, 1
    reply(c, 100, 0);
    reply(c, 201, 3); # expect: 3, PUT, /three, 201, 3, 100, 1
    request(c, "BREW", "/four");
    # expect: weird, unknown_HTTP_method, BREW
    event connection_state_remove(c); # expect: 4, BREW, /four, -, 0, -, 1
}
