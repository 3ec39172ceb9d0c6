##! Servers and browsers in software.log.

@load base/frameworks/software

module HTTP;

export {
    redef enum Software::Type += {
        SERVER,
        ## What runs behind the server.
        APPSERVER,
        BROWSER,
    };

    option ignored_user_agents = /NO_DEFAULT/;
}

function report_server(c: connection, kind: Software::Type, version: string) {
    Software::found(c$id, Software::Info($unparsed_version=version, $host=c$id$resp_h,
        $host_p=c$id$resp_p, $software_type=kind));
}

event http_header(c: connection, is_orig: bool, name: string, value: string) &priority=2 {
    if (is_orig) {
        if (name == "USER-AGENT" && ignored_user_agents !in value)
            Software::found(c$id, Software::Info($unparsed_version=value, $host=c$id$orig_h,
                $software_type=BROWSER));
    }
    else if (name == "SERVER")
        report_server(c, SERVER, value);
    else if (name == "X-POWERED-BY")
        report_server(c, APPSERVER, value);
    else if (name == "MICROSOFTSHAREPOINTTEAMSERVICES")
        report_server(c, APPSERVER, string_cat("SharePoint/", value));
}
