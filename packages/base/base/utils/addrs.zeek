##! Addresses in text: finding them, writing them.

module GLOBAL;

export {
    # Built from the grammar of RFC 4291, section 2.2: up to eight groups of hexadecimal digits, one
    # "::" for groups left out, and possibly a dotted quad for the last two.
    const ipv4_decim = /[0-9]{1}|[0-9]{2}|0[0-9]{2}|1[0-9]{2}|2[0-4][0-9]|25[0-5]/;
    const ipv4_addr_regex = ipv4_decim & /\./ & ipv4_decim & /\./ & ipv4_decim & /\./ & ipv4_decim;

    const ipv6_hextet = /[0-9A-Fa-f]{1,4}/;
    const ipv6_8hex_regex = /([0-9A-Fa-f]{1,4}:){7}/ & ipv6_hextet;
    const ipv6_hex4dec_regex = /([0-9A-Fa-f]{1,4}:){6}/ & ipv4_addr_regex;

    # n groups before the "::" leave at most 7-n after it (5-n with a dotted quad at the end).
    const ipv6_compressed_hex_regex =
        /::([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,6})?/
        | /[0-9A-Fa-f]{1,4}::([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,5})?/
        | /[0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){1}::([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,4})?/
        | /[0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){2}::([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,3})?/
        | /[0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){3}::([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,2})?/
        | /[0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){4}::([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,1})?/
        | /[0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){5}::([0-9A-Fa-f]{1,4})?/
        | /[0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){6}::/;
    const ipv6_compressed_hex4dec_regex =
        (/::([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,4}:)?/ & ipv4_addr_regex)
        | (/[0-9A-Fa-f]{1,4}::([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,3}:)?/ & ipv4_addr_regex)
        | (/[0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){1}::([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,2}:)?/ & ipv4_addr_regex)
        | (/[0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){2}::([0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){0,1}:)?/ & ipv4_addr_regex)
        | (/[0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){3}::([0-9A-Fa-f]{1,4}:)?/ & ipv4_addr_regex)
        | (/[0-9A-Fa-f]{1,4}(:[0-9A-Fa-f]{1,4}){4}::/ & ipv4_addr_regex);

    const ipv6_addr_regex = ipv6_8hex_regex | ipv6_compressed_hex_regex | ipv6_hex4dec_regex
        | ipv6_compressed_hex4dec_regex;
    const ip_addr_regex = ipv4_addr_regex | ipv6_addr_regex;

    ## Whether each string is a number up to 255.
    global has_valid_octets: function(octets: string_vec): bool;
    ## All addresses in `input`; with `check_wrapping` only those that stand alone or between
    ## blanks or matching brackets.
    global extract_ip_addresses: function(input: string, check_wrapping: bool &default=F): string_vec;
    ## IPv6 addresses in brackets, as in a URI.
    global addr_to_uri: function(a: addr): string;
    ## "00:1b:21:3c:9d:f8" for any usual way to write it; empty if it is no MAC or EUI-64 address.
    global normalize_mac: function(a: string): string;
}

function has_valid_octets(octets: string_vec): bool {
    for (_, octet in octets)
        if (to_count(octet) > 255)
            return F;

    return T;
}

const matching_bracket: table[string] of string = {
    ["["] = "]",
    ["("] = ")",
    ["{"] = "}",
    [" "] = " ",
};

function is_wrapped(before: string, after: string): bool {
    if (before == "" || after == "")
        return before == after;

    local opening = before[-1];
    return opening in matching_bracket && matching_bracket[opening] == after[0];
}

function extract_ip_addresses(input: string, check_wrapping: bool &default=F): string_vec {
    local pieces = split_string_all(input, ip_addr_regex);
    local found: string_vec = vector();
    local at = 1;

    # Text and candidates alternate, beginning and ending with text.
    while (at + 1 < |pieces|) {
        if (is_valid_ip(pieces[at]) && (! check_wrapping || is_wrapped(pieces[at - 1], pieces[at + 1])))
            found += pieces[at];

        at += 2;
    }

    return found;
}

function addr_to_uri(a: addr): string {
    return is_v4_addr(a) ? cat(a) : fmt("[%s]", a);
}

function normalize_mac(a: string): string {
    local digits = to_lower(gsub(a, /[^A-Fa-f0-9]/, ""));

    if (|digits| != 12 && |digits| != 16)
        return "";

    local pairs: string_vec = vector();
    local at = 0;

    while (at < |digits|) {
        pairs += digits[at:at + 2];
        at += 2;
    }

    return join_string_vec(pairs, ":");
}
