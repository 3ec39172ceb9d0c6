##! analyzer.log: where analyzers met something that is not their protocol.
##!
##! For protocol analyzers only where the protocol had been confirmed, and once per connection;
##! for packet and file analyzers every time.

@load base/frameworks/logging
@load ./main
@load ./dpd

module Analyzer::Logging;

export {
    redef enum Log::ID += { LOG };

    type Info: record {
        ts: time &log;
        ## "protocol", "packet" or "file".
        analyzer_kind: string &log;
        analyzer_name: string &log;
        uid: string &log &optional;
        fuid: string &log &optional;
        id: conn_id &log &optional;
        proto: transport_proto &log &optional;
        failure_reason: string &log;
        ## The bytes that it choked on, if it says.
        failure_data: string &log &optional;
    };

    ## How many of those bytes are logged; 0 for all.
    option failure_data_max_size = 40;

    global log_analyzer: event(rec: Info);
    global log_policy: Log::PolicyHook;
}

event zeek_init() &priority=5 {
    Log::create_stream(LOG, Log::Stream($columns=Info, $path="analyzer", $ev=log_analyzer, $policy=log_policy));
}

# The connection that the violation is about; a file's, if it is on exactly one.
function fill_connection(row: Info, info: AnalyzerViolationInfo) {
    if (info?$c) {
        row$id = info$c$id;
        row$uid = info$c$uid;
        row$proto = get_port_transport_proto(info$c$id$orig_p);
    }

    if (! info?$f)
        return;

    row$fuid = info$f$id;

    if (! row?$uid && info$f?$conns && |info$f$conns| == 1)
        for (_, c in info$f$conns) {
            row$id = c$id;
            row$uid = c$uid;
        }
}

function log_failure(ts: time, atype: AllAnalyzers::Tag, info: AnalyzerViolationInfo) {
    local row = Info($ts=ts, $analyzer_kind=Analyzer::kind(atype),
        $analyzer_name=Analyzer::name(atype), $failure_reason=info$reason);

    fill_connection(row, info);

    if (info?$data)
        row$failure_data = failure_data_max_size > 0 ? info$data[0:failure_data_max_size] : info$data;

    Log::write(LOG, row);
}

event analyzer_failed(ts: time, atype: AllAnalyzers::Tag, info: AnalyzerViolationInfo) {
    if (! is_protocol_analyzer(atype) || ! info?$c)
        return;

    local service = Analyzer::name(atype);

    if (service in info$c$service && service !in info$c$failed_analyzers)
        log_failure(ts, atype, info);
}

event analyzer_violation_info(atype: AllAnalyzers::Tag, info: AnalyzerViolationInfo) {
    if (! is_protocol_analyzer(atype))
        log_failure(network_time(), atype, info);
}
