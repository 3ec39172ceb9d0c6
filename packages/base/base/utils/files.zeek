##! File names out of headers, and for what is written to disk.

@load ./addrs

module GLOBAL;

## "prefix_10.0.0.1:1234-10.0.0.2:80_suffix", where prefix and suffix may be empty.
function generate_extraction_filename(prefix: string, c: connection, suffix: string): string {
    local name = fmt("%s:%d-%s:%d", addr_to_uri(c$id$orig_h), c$id$orig_p,
        addr_to_uri(c$id$resp_h), c$id$resp_p);

    if (prefix != "")
        name = string_cat(prefix, "_", name);

    if (suffix != "")
        name = string_cat(name, "_", suffix);

    return name;
}

## The value of `filename=` (or `name=`) in a Content-Disposition (or Content-Type) header: without
## quotes, without the character set and language of RFC 5987, with %-escapes undone.
function extract_filename_from_content_disposition(data: string): string {
    local value = sub(data, /^.*[nN][aA][mM][eE][[:blank:]]*\*?=[[:blank:]]*/, "");

    if (|value| > 0 && value[0] == "\"")
        value = split_string_n(value, /\"/, F, 2)[1];

    if (/^[a-zA-Z0-9\!#$%&+-^_`{}~]+'[a-zA-Z0-9\!#$%&+-^_`{}~]*'/ in value)
        value = sub(value, /^.+'.*'/, "");

    return unescape_URI(value);
}
