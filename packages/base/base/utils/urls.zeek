##! URLs in text, and their parts.

module GLOBAL;

const url_regex = /^([a-zA-Z\-]{3,5}):\/\/(-\.)?([^[:blank:]\/?\.#-]+\.?)+(\/[^[:blank:]]*)?/ &redef;

type URI: record {
    scheme: string &optional;
    ## Host, without the port.
    netlocation: string;
    portnum: count &optional;
    path: string;
    ## The last part of the path, and what stands before and after its first dot.
    file_name: string &optional;
    file_base: string &optional;
    file_ext: string &optional;
    ## From the query, where it has the form a=1&b=2.
    params: table[string] of string &optional;
};

function find_all_urls(s: string): string_set {
    return find_all(s, url_regex);
}

function find_all_urls_without_scheme(s: string): string_set {
    local bare: set[string] = set();

    for (url in find_all_urls(s))
        add bare[sub(url, /^([a-zA-Z\-]{3,5})(:\/\/)/, "")];

    return bare;
}

function decompose_query(query: string): table[string] of string {
    local params: table[string] of string = table();

    for (_, pair in split_string(query, /&/)) {
        local sides = split_string1(pair, /=/);

        if (|sides| == 2)
            params[sides[0]] = sides[1];
    }

    return params;
}

# The file is what follows the first slash after the path's own, as far as one directory reaches.
function decompose_file(u: URI) {
    local last_part = find_last(u$path, /\/.+/);

    if (|u$path| < 2 || ends_with(u$path, "/") || last_part == "")
        return;

    local name = split_string1(last_part, /\//)[1];
    local sides = split_string1(name, /\./);

    u$file_name = name;
    u$file_base = sides[0];

    if (|sides| == 2)
        u$file_ext = sides[1];
}

function decompose_uri(uri: string): URI {
    local u = URI($netlocation="", $path="/");
    local rest = uri;
    local sides = split_string1(rest, /\?/);

    if (|sides| == 2) {
        rest = sides[0];
        u$params = decompose_query(sides[1]);
    }

    sides = split_string1(rest, /:\/\//);

    if (|sides| == 2) {
        u$scheme = sides[0];
        rest = sides[1];
    }

    sides = split_string1(rest, /\//);

    if (|sides| == 2) {
        rest = sides[0];
        u$path = string_cat("/", sides[1]);
        decompose_file(u);
    }

    u$netlocation = sub(rest, /:[0-9]*$/, "");
    local digits = rest[|u$netlocation| + 1:];

    if (digits != "")
        u$portnum = to_count(digits);

    return u;
}
