##! Confirmed protocols become a connection's `service`; an analyzer that met something else is
##! taken off and its service forgotten.

@load ./main

module GLOBAL;

export {
    ## An analyzer met something that is not its protocol and was taken off the connection, or was
    ## gone already.
    global analyzer_failed: event(ts: time, atype: AllAnalyzers::Tag, info: AnalyzerViolationInfo);
}

module DPD;

export {
    ## Analyzers that stay whatever they meet.
    option ignore_violations: set[Analyzer::Tag] = set();
    ## Past this many payload bytes a violation no longer ends an analyzer; 0 for no such point.
    option ignore_violations_after = 10 * 1024;
    ## Leave the service of a failed analyzer in place and add it again with a minus sign.
    option track_removed_services_in_connection = F;
}

redef record connection += {
    ## Names of analyzers that had been confirmed and then failed.
    failed_analyzers: set[string] &default=set() &ordered;
};

event analyzer_confirmation_info(atype: AllAnalyzers::Tag, info: AnalyzerConfirmationInfo) &priority=10 {
    if (info?$c && (is_protocol_analyzer(atype) || is_packet_analyzer(atype)))
        add info$c$service[Analyzer::name(atype)];
}

event analyzer_violation_info(atype: AllAnalyzers::Tag, info: AnalyzerViolationInfo) &priority=5 {
    if (! is_protocol_analyzer(atype) || ! info?$c || ! info?$aid || atype in ignore_violations)
        return;

    local c = info$c;

    if (ignore_violations_after > 0 && c$orig$size + c$resp$size > ignore_violations_after)
        return;

    # An analyzer that is gone already, like one that goes now, has failed. One that a
    # `disabling_analyzer` hook keeps has not.
    if (lookup_connection_analyzer_id(c$id, atype) == 0 || disable_analyzer(c$id, info$aid, F))
        event analyzer_failed(network_time(), atype, info);
}

# Last, so that others still see whether the analyzer had been confirmed.
event analyzer_failed(ts: time, atype: AllAnalyzers::Tag, info: AnalyzerViolationInfo) &priority=-5 {
    if (! is_protocol_analyzer(atype) || ! info?$c)
        return;

    local c = info$c;
    local service = Analyzer::name(atype);

    if (service !in c$service)
        return;

    add c$failed_analyzers[service];

    if (track_removed_services_in_connection)
        add c$service[string_cat("-", service)];
    else
        delete c$service[service];
}
