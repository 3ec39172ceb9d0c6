##! Addresses, names, URLs and software in the headers of HTTP requests.

@load base/frameworks/intel
@load base/utils/addrs
@load ./where-locations

function host_without_port(value: string): string {
    return gsub(value, /:[[:digit:]]+$/, "");
}

function report_header(c: connection, indicator: string, kind: Intel::Type, where: Intel::Where) {
    Intel::seen(Intel::Seen($indicator=indicator, $indicator_type=kind, $conn=c, $where=where));
}

function report_address(c: connection, a: string, where: Intel::Where) {
    Intel::seen(Intel::Seen($host=to_addr(a), $indicator_type=Intel::ADDR, $conn=c, $where=where));
}

event http_header(c: connection, is_orig: bool, name: string, value: string) &group="Intel::ADDR" {
    if (! is_orig)
        return;

    if (name == "HOST" && is_valid_ip(host_without_port(value)))
        report_address(c, host_without_port(value), HTTP::IN_HOST_HEADER);
    else if (name == "X-FORWARDED-FOR" && is_valid_ip(value))
        for (_, a in extract_ip_addresses(value))
            report_address(c, a, HTTP::IN_X_FORWARDED_FOR_HEADER);
}

event http_header(c: connection, is_orig: bool, name: string, value: string) &group="Intel::DOMAIN" {
    if (is_orig && name == "HOST" && ! is_valid_ip(host_without_port(value)))
        report_header(c, host_without_port(value), Intel::DOMAIN, HTTP::IN_HOST_HEADER);
}

event http_header(c: connection, is_orig: bool, name: string, value: string) &group="Intel::URL" {
    if (is_orig && name == "REFERER")
        report_header(c, sub(value, /^.*:\/\//, ""), Intel::URL, HTTP::IN_REFERRER_HEADER);
}

event http_header(c: connection, is_orig: bool, name: string, value: string) &group="Intel::SOFTWARE" {
    if (is_orig && name == "USER-AGENT")
        report_header(c, value, Intel::SOFTWARE, HTTP::IN_USER_AGENT_HEADER);
}
