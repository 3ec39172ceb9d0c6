##! Names of the variables in queries in http.log.

@load base/protocols/http

module HTTP;

redef record Info += {
    uri_vars: vector of string &optional &log;
};

event http_request(c: connection, method: string, original_URI: string, unescaped_URI: string,
        version: string) &priority=2 {
    local sides = split_string1(original_URI, /\?/);

    if (|sides| == 2)
        c$http$uri_vars = extract_keys(sides[1], /&/);
}
