##! Longer time-outs for protocols with a person at one end.

module Conn;

export {
    ## Once the protocol is confirmed. Protocols add themselves.
    option analyzer_inactivity_timeouts: table[AllAnalyzers::Tag] of interval = {};

    ## From the beginning, by the responder's port.
    option port_inactivity_timeouts: table[port] of interval = {
        [21/tcp] = 1hrs,
        [22/tcp] = 1hrs,
        [23/tcp] = 1hrs,
        [513/tcp] = 1hrs,
    };
}

event analyzer_confirmation_info(atype: AllAnalyzers::Tag, info: AnalyzerConfirmationInfo) {
    if (info?$c && atype in analyzer_inactivity_timeouts)
        set_inactivity_timeout(info$c$id, analyzer_inactivity_timeouts[atype]);
}

event connection_established(c: connection) {
    local p = c$id$resp_p;

    # Joined half-way the sides may be the wrong way round.
    if (c$orig$state == TCP_INACTIVE && p !in likely_server_ports && c$id$orig_p in likely_server_ports)
        p = c$id$orig_p;

    if (p in port_inactivity_timeouts)
        set_inactivity_timeout(c$id, port_inactivity_timeouts[p]);
}
