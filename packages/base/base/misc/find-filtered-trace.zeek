##! Says so when a trace holds nothing of TCP but the beginnings and ends of connections: somebody
##! filtered it, and most of the analysis will find nothing.

module FilteredTraceDetection;

export {
    global enable: bool = T &redef;
}

global saw_tcp = F;
global saw_tcp_data = F;
global saw_others = F;

event connection_state_remove(c: connection) {
    if (saw_tcp_data || ! enable || ! reading_traces())
        return;

    if (! is_tcp_port(c$id$orig_p))
        saw_others = T;
    else {
        saw_tcp = T;
        saw_tcp_data = /[Dd]/ in c$history;
    }
}

event zeek_done() {
    if (enable && saw_tcp && ! saw_tcp_data && ! saw_others)
        Reporter::warning("The analyzed trace file was determined to contain only TCP control packets, which may indicate it's been pre-filtered.  By default, Zeek reports the missing segments for this type of trace, but the 'detect_filtered_trace' option may be toggled if that's not desired.");
}
