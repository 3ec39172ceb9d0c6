##! Protocols that were confirmed and then failed, in conn.log.

@load base/frameworks/analyzer/dpd
@load base/protocols/conn

module Conn;

redef record Conn::Info += {
    ## In the order in which they failed.
    failed_service: set[string] &log &optional &ordered;
};

event analyzer_failed(ts: time, atype: AllAnalyzers::Tag, info: AnalyzerViolationInfo) {
    if (! info?$c || (! is_protocol_analyzer(atype) && ! is_packet_analyzer(atype)))
        return;

    local c = info$c;
    local service = Analyzer::name(atype);

    if (service !in c$service || service in c$failed_analyzers)
        return;

    if (! c$conn?$failed_service)
        c$conn$failed_service = set();

    add c$conn$failed_service[to_lower(service)];
}
