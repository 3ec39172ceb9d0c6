##! http.log: a row for each request with its reply.
##!
##! Requests are numbered as they come and replies as they come; the two of one number belong
##! together. `pending` holds the rows that are not complete, `current_request` and
##! `current_response` say which numbers each side is at.

@load base/frameworks/analyzer
@load base/frameworks/logging
@load base/frameworks/tunnels
@load base/protocols/conn/removal-hooks

module HTTP;

export {
    redef enum Log::ID += { LOG };

    ## Marks that other scripts put on rows.
    type Tags: enum {
        ## Stands for none.
        EMPTY,
    };

    ## Log passwords of Basic authentication.
    option default_capture_password = F;

    type Info: record {
        ## Time of the request.
        ts: time &log;
        uid: string &log;
        id: conn_id &log;
        ## 1 for the first request of the connection, and so on.
        trans_depth: count &log;
        method: string &log &optional;
        ## The Host header, as it stands.
        host: string &log &optional;
        uri: string &log &optional;
        referrer: string &log &optional;
        ## Of the reply.
        version: string &log &optional;
        user_agent: string &log &optional;
        origin: string &log &optional;
        # Bytes of the bodies after transfer coding and compression are undone.
        request_body_len: count &log &default=0;
        response_body_len: count &log &default=0;
        status_code: count &log &optional;
        status_msg: string &log &optional;
        ## The last 1xx reply before the final one.
        info_code: count &log &optional;
        info_msg: string &log &optional;
        tags: set[Tags] &log;
        ## Of Basic authentication.
        username: string &log &optional;
        password: string &log &optional;
        ## Whether `password` is to be set.
        capture_password: bool &default=default_capture_password;
        ## Headers that proxies add: "NAME -> value".
        proxied: set[string] &log &optional;
        ## The request is for part of a resource.
        range_request: bool &default=F;
    };

    type State: record {
        pending: table[count] of Info;
        current_request: count &default=0;
        current_response: count &default=0;
        trans_depth: count &default=0;
    };

    global log_http: event(rec: Info);
    global log_policy: Log::PolicyHook;

    ## For this log; see Log::default_max_field_string_bytes. URIs have no limit of their own.
    const default_max_field_string_bytes = 0 &redef;

    const ports = { 80/tcp, 81/tcp, 631/tcp, 1080/tcp, 3128/tcp, 8000/tcp, 8080/tcp, 8888/tcp } &redef;

    ## Headers for `proxied`, in upper case.
    option proxy_headers: set[string] = {
        "FORWARDED", "X-FORWARDED-FOR", "X-FORWARDED-FROM", "CLIENT-IP", "VIA", "XROXY-CONNECTION",
        "PROXY-CONNECTION",
    };

    ## Methods that are not weird.
    option http_methods: set[string] = {
        "GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE", "CONNECT",
        # WebDAV and relatives.
        "PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "POLL", "REPORT",
        "SUBSCRIBE", "BMOVE", "SEARCH",
        # RFC 10008.
        "QUERY",
    };

    ## With more requests than this without a reply, pairing is given up and they are logged; 0 never.
    option max_pending_requests = 100;

    global finalize_http: Conn::RemovalHook;
}

redef record connection += {
    http: Info &optional;
    http_state: State &optional;
};

event zeek_init() &priority=5 {
    Log::create_stream(LOG, Log::Stream($columns=Info, $ev=log_http, $path="http", $policy=log_policy,
        $max_field_string_bytes=default_max_field_string_bytes));
    Analyzer::register_for_ports(Analyzer::ANALYZER_HTTP, ports);
}

function code_in_range(c: count, min: count, max: count): bool {
    return min <= c && c <= max;
}

function is_informational(row: Info): bool {
    return row?$status_code && code_in_range(row$status_code, 100, 199);
}

function state_of(c: connection): State {
    if (! c?$http_state) {
        local fresh: State;
        c$http_state = fresh;
        Conn::register_removal_hook(c, finalize_http);
    }

    return c$http_state;
}

function new_row(c: connection, depth: count): Info {
    local row: Info;
    row$ts = network_time();
    row$uid = c$uid;
    row$id = c$id;
    row$trans_depth = depth;
    return row;
}

# Points c$http to the row that this side is at. Scripts that handle HTTP events rely on that, so
# every handler of ours that may come first calls it.
function set_state(c: connection, is_orig: bool) {
    local state = state_of(c);
    local at = is_orig ? state$current_request : state$current_response;

    if (at !in state$pending)
        state$pending[at] = new_row(c, ++state$trans_depth);

    c$http = state$pending[at];
}

# Rows of requests that no reply can be paired with any more.
function log_unanswered(state: State) {
    if (state$current_response == 0)
        state$current_response = 1;

    while (state$current_response < state$current_request) {
        local at = state$current_response;

        if (at in state$pending) {
            Log::write(LOG, state$pending[at]);
            delete state$pending[at];
        }

        ++state$current_response;
    }
}

event http_request(c: connection, method: string, original_URI: string, unescaped_URI: string,
        version: string) &priority=5 {
    local state = state_of(c);

    if (state$current_request < state$current_response) {
        # A reply without a request was seen. The next reply is for this request.
        Reporter::conn_weird("HTTP_response_before_request", c);
        state$current_request = state$current_response;
    }

    if (max_pending_requests > 0 && |state$pending| > max_pending_requests) {
        Reporter::limit_reached_weird("HTTP_excessive_pipelining", c, |state$pending|, max_pending_requests, "HTTP");
        log_unanswered(state);
    }

    ++state$current_request;
    set_state(c, T);

    c$http$method = method;
    c$http$uri = unescaped_URI;

    if (method !in http_methods)
        Reporter::conn_weird("unknown_HTTP_method", c, method);
}

event http_reply(c: connection, version: string, code: count, reason: string) &priority=5 {
    local state = state_of(c);
    local at = state$current_response;

    # The next row, unless there is one that has had no reply but informational ones.
    if (at !in state$pending || (state$pending[at]?$status_code && ! is_informational(state$pending[at])))
        ++state$current_response;

    set_state(c, F);

    local row = c$http;

    row$status_code = code;
    row$status_msg = reason;
    row$version = version;

    if (is_informational(row)) {
        row$info_code = code;
        row$info_msg = reason;
    }

    if (code == 200 && row?$method && row$method == "CONNECT") {
        # Clients come from a new port each time; all of them use one tunnel.
        local ends = copy(c$id);
        ends$orig_p = 0/tcp;
        Tunnel::register(Tunnel::EncapsulatingConn($cid=ends, $tunnel_type=Tunnel::HTTP));
    }
}

function note_credentials(c: connection, value: string) {
    if (/^[bB][aA][sS][iI][cC] / !in value)
        return;

    local row = c$http;
    local decoded = decode_base64_conn(c$id, sub(value, /[bB][aA][sS][iI][cC][[:blank:]]+/, ""));
    local parts = split_string1(decoded, /:/);
    local is_sound = |parts| == 2;

    row$username = is_sound ? parts[0] : fmt("<problem-decoding> (%s)", value);

    if (row$capture_password)
        row$password = is_sound ? parts[1] : decoded;
}

event http_header(c: connection, is_orig: bool, name: string, value: string) &priority=5 {
    set_state(c, is_orig);

    if (! is_orig)
        return;

    local row = c$http;

    switch (name) {
    case "HOST":
        row$host = value;
        break;
    case "REFERER":
        row$referrer = value;
        break;
    case "USER-AGENT":
        row$user_agent = value;
        break;
    case "ORIGIN":
        row$origin = value;
        break;
    case "RANGE":
        row$range_request = T;
        break;
    default:
        if (name in proxy_headers) {
            if (! row?$proxied)
                row$proxied = set();

            add row$proxied[fmt("%s -> %s", name, value)];
        }
        else if (name == "AUTHORIZATION" || name == "PROXY-AUTHORIZATION")
            note_credentials(c, value);

        break;
    }
}

event http_message_done(c: connection, is_orig: bool, stat: http_message_stat) &priority=5 {
    set_state(c, is_orig);

    if (is_orig)
        c$http$request_body_len = stat$body_length;
    else
        c$http$response_body_len = stat$body_length;
}

event http_message_done(c: connection, is_orig: bool, stat: http_message_stat) &priority=-5 {
    # The reply completes a row; an informational one does not.
    if (is_orig || is_informational(c$http))
        return;

    Log::write(LOG, c$http);
    delete c$http_state$pending[c$http_state$current_response];
}

hook finalize_http(c: connection) {
    if (! c?$http_state)
        return;

    # 0 is before the first request: there only if something was seen that belongs to none.
    for (at, row in c$http_state$pending)
        if (at != 0)
            Log::write(LOG, row);
}
