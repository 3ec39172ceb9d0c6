##! URLs out of rows of http.log.

@load ./main
@load base/utils/addrs

module HTTP;

export {
    ## The names in "a=1&b=2"; `kv_splitter` matches what stands between the pairs.
    global extract_keys: function(data: string, kv_splitter: pattern): string_vec;
    ## "example.org/x", with the port if it is not 80. A request to a proxy has it all in its URI.
    global build_url: function(rec: Info): string;
    ## The same with "http://" in front.
    global build_url_http: function(rec: Info): string;
    ## The row in a few words.
    global describe: function(rec: Info): string;
}

function extract_keys(data: string, kv_splitter: pattern): string_vec {
    local names: string_vec = vector();

    for (_, pair in split_string(data, kv_splitter))
        names += split_string1(pair, /=/)[0];

    return names;
}

function build_url(rec: Info): string {
    local uri = rec?$uri ? rec$uri : "/<missed_request>";

    if (strstr(uri, "://") != 0)
        return uri;

    local host = rec?$host ? rec$host : addr_to_uri(rec$id$resp_h);
    local p = port_to_count(rec$id$resp_p);

    return p == 80 ? string_cat(host, uri) : fmt("%s:%d%s", host, p, uri);
}

function build_url_http(rec: Info): string {
    return string_cat("http://", build_url(rec));
}

function describe(rec: Info): string {
    return build_url_http(rec);
}
