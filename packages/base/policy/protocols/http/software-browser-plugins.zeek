##! Browser plugins in software.log, as far as browsers tell of them.

@load base/frameworks/software
@load base/protocols/http

module HTTP;

export {
    redef enum Software::Type += { BROWSER_PLUGIN };

    redef record Info += {
        ## The server collects statistics; requests to it list plugins.
        omniture: bool &default=F;
        flash_version: string &optional;
    };
}

function report_plugin(id: conn_id, version: string) {
    Software::found(id, Software::Info($unparsed_version=version, $host=id$orig_h,
        $software_type=BROWSER_PLUGIN));
}

event http_header(c: connection, is_orig: bool, name: string, value: string) &priority=3 {
    if (! is_orig) {
        if (name == "SERVER" && /^Omniture/ in value)
            c$http$omniture = T;
    }
    else if (name == "X-FLASH-VERSION")
        c$http$flash_version = string_cat("Flash/", value);
    else if (name == "X-REQUESTED-WITH" && /Flash/ in value)
        c$http$flash_version = value;
}

event http_message_done(c: connection, is_orig: bool, stat: http_message_stat) {
    if (! is_orig || ! c$http?$flash_version)
        return;

    # AdobeAIR brings a Flash of its own.
    if (c$http?$user_agent && /AdobeAIR/ in c$http$user_agent)
        c$http$flash_version = string_cat("AdobeAIR-", c$http$flash_version);

    report_plugin(c$id, c$http$flash_version);
}

event log_http(rec: Info) {
    if (! rec$omniture || ! rec?$uri)
        return;

    # "&p=one;two;&", where a short value is something else.
    local pieces = split_string_n(rec$uri, /&p=([^&]{5,});&/, T, 1);

    if (|pieces| < 2)
        return;

    for (_, plugin in split_string(pieces[1][3:-2], /[[:blank:]]*;[[:blank:]]*/))
        report_plugin(rec$id, plugin);
}
