##! Which analyzers there are, which are on, and on which ports they are tried without looking.
##!
##! Tags come in three kinds (protocol, packet, file); AllAnalyzers::Tag holds them all.

@load base/frameworks/packet-filter/utils

module Analyzer;

export {
    ## Turn all analyzers off, except those of `requested_analyzers`.
    global disable_all = F &redef;
    global disabled_analyzers: set[AllAnalyzers::Tag] = {} &redef;
    ## Turned on last, whatever was said before.
    global requested_analyzers: set[AllAnalyzers::Tag] = {} &redef;

    ## Ports by analyzer, as registered.
    global ports: table[AllAnalyzers::Tag] of set[port];

    global enable_analyzer: function(tag: AllAnalyzers::Tag): bool;
    global disable_analyzer: function(tag: AllAnalyzers::Tag): bool;

    ## Attaches the analyzer to connections to any of these ports. `server_ports` also count as
    ## likely server ports.
    global register_for_ports: function(tag: Analyzer::Tag, server_ports: set[port],
        non_server_ports: set[port] &default=set()): bool;
    global register_for_port: function(tag: Analyzer::Tag, p: port): bool;
    global registered_ports: function(tag: AllAnalyzers::Tag): set[port];
    global all_registered_ports: function(): table[AllAnalyzers::Tag] of set[port];

    ## "HTTP" for ANALYZER_HTTP, and back.
    global name: function(tag: AllAnalyzers::Tag): string;
    global has_tag: function(name: string): bool;
    global get_tag: function(name: string): AllAnalyzers::Tag;
    ## "protocol", "packet" or "file".
    global kind: function(tag: AllAnalyzers::Tag): string;

    ## Attaches the analyzer to a connection that is expected within `tout`. `orig` 0.0.0.0 is anybody.
    global schedule_analyzer: function(orig: addr, resp: addr, resp_p: port,
        analyzer: Analyzer::Tag, tout: interval): bool;

    ## Capture filter for the ports of one analyzer, and for those of all.
    global analyzer_to_bpf: function(tag: Analyzer::Tag): string;
    global get_bpf: function(): string;

    ## Declared for scripts that name it so. What is raised is the global event of this name.
    global analyzer_failed: event(ts: time, atype: AllAnalyzers::Tag, info: AnalyzerViolationInfo);
}

function enable_analyzer(tag: AllAnalyzers::Tag): bool {
    # Those belong to the host: no script turns them on or off.
    if (is_packet_analyzer(tag))
        return F;

    if (is_file_analyzer(tag))
        return Files::__enable_analyzer(tag);

    return __enable_analyzer(tag);
}

function disable_analyzer(tag: AllAnalyzers::Tag): bool {
    if (is_packet_analyzer(tag))
        return F;

    if (is_file_analyzer(tag))
        return Files::__disable_analyzer(tag);

    return __disable_analyzer(tag);
}

function register_for_port(tag: Analyzer::Tag, p: port): bool {
    if (! __register_for_port(tag, p))
        return F;

    if (tag !in ports)
        ports[tag] = set();

    add ports[tag][p];
    return T;
}

function register_for_ports(tag: Analyzer::Tag, server_ports: set[port],
        non_server_ports: set[port] &default=set()): bool {
    local all_worked = T;

    for (p in server_ports | non_server_ports)
        if (! register_for_port(tag, p))
            all_worked = F;

    for (p in server_ports)
        add likely_server_ports[p];

    return all_worked;
}

function registered_ports(tag: AllAnalyzers::Tag): set[port] {
    return tag in ports ? ports[tag] : set();
}

function all_registered_ports(): table[AllAnalyzers::Tag] of set[port] {
    return ports;
}

function name(tag: AllAnalyzers::Tag): string {
    return __name(tag);
}

function has_tag(name: string): bool {
    return __has_tag(name);
}

function get_tag(name: string): AllAnalyzers::Tag {
    return __tag(name);
}

function kind(tag: AllAnalyzers::Tag): string {
    if (is_protocol_analyzer(tag))
        return "protocol";

    if (is_packet_analyzer(tag))
        return "packet";

    if (is_file_analyzer(tag))
        return "file";

    Reporter::warning(fmt("Unknown kind of analyzer %s", tag));
    return "unknown";
}

function schedule_analyzer(orig: addr, resp: addr, resp_p: port, analyzer: Analyzer::Tag,
        tout: interval): bool {
    return __schedule_analyzer(orig, resp, resp_p, analyzer, tout);
}

function analyzer_to_bpf(tag: Analyzer::Tag): string {
    local filter = "";

    for (p in registered_ports(tag))
        filter = PacketFilter::combine_filters(filter, "or", PacketFilter::port_to_bpf(p));

    return filter;
}

function get_bpf(): string {
    local filter = "";

    for (tag in ports)
        for (p in ports[tag])
            filter = PacketFilter::combine_filters(filter, "or", PacketFilter::port_to_bpf(p));

    return filter;
}

event zeek_init() &priority=5 {
    if (disable_all)
        __disable_all_analyzers();

    for (tag in disabled_analyzers)
        disable_analyzer(tag);
}

event zeek_init() &priority=-5 {
    for (tag in requested_analyzers)
        enable_analyzer(tag);
}
