##! Bodies as files: which pieces make up one file, and how to call it.

@load base/frameworks/files
@load base/utils/conn-ids
@load ./main
@load ./entities
@load ./utils

module HTTP;

export {
    global get_file_handle: function(c: connection, is_orig: bool): string;
    global describe_file: function(f: fa_file): string;
}

function get_file_handle(c: connection, is_orig: bool): string {
    if (! c?$http)
        return "";

    local row = c$http;

    # Ranges of one resource are pieces of one file, whichever request asks for them.
    if (row$range_request && ! is_orig)
        return cat(Analyzer::ANALYZER_HTTP, is_orig, c$id$orig_h, build_url(row));

    return cat(Analyzer::ANALYZER_HTTP, c$start_time, is_orig, row$trans_depth,
        is_orig ? row$orig_mime_depth : row$resp_mime_depth, id_string(c$id));
}

function describe_file(f: fa_file): string {
    if (f$source != "HTTP" || ! f?$conns)
        return "";

    for (_, c in f$conns)
        if (c?$http)
            return build_url_http(c$http);

    return "";
}

event zeek_init() &priority=5 {
    Files::register_protocol(Analyzer::ANALYZER_HTTP,
        Files::ProtoRegistration($get_file_handle=get_file_handle, $describe=describe_file));
}
