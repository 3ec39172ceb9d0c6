##! Notices for matches of indicators that ask for one: columns `meta.do_notice` and `meta.if_in`.

@load base/frameworks/intel
@load base/frameworks/notice

module Intel;

export {
    redef enum Notice::Type += { Intel::Notice };

    redef record Intel::MetaData += {
        do_notice: bool &default=F;
        ## Only for sightings there.
        if_in: Intel::Where &default=IN_ANYWHERE;
    };
}

# The same indicator between the same two hosts, whoever began.
function match_identifier(s: Seen): string {
    local a = s$conn$id$orig_h;
    local b = s$conn$id$resp_h;
    return a < b ? cat(s$indicator, a, b) : cat(s$indicator, b, a);
}

event Intel::match(s: Seen, items: set[Item]) {
    for (item in items) {
        if (! item$meta$do_notice)
            next;

        if (item$meta$if_in != IN_ANYWHERE && item$meta$if_in != s$where)
            next;

        local n = Notice::Info($note=Intel::Notice, $sub=s$indicator,
            $msg=fmt("Intel hit on %s at %s", s$indicator, s$where));
        local services = "";

        if (s?$conn) {
            n$conn = s$conn;
            n$identifier = match_identifier(s);

            for (service in s$conn$service)
                services = cat(services, service, " ");
        }

        n$email_body_sections = vector(fmt("Service: %s\n", services),
            fmt("Intel source: %s\n", item$meta$source));
        NOTICE(n);
    }
}
