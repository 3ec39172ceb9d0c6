##! What is captured and what is not.
##!
##! The filter belongs to the host, which applies `capture_filters`, `restrict_filters` and the
##! options here when it starts. A script cannot change the filter of a running capture; the
##! functions that would do so keep account of what was asked for and answer F. So there is no
##! packet_filter.log either.

@load base/frameworks/notice
@load base/frameworks/analyzer
@load ./utils

module PacketFilter;

export {
    redef enum Log::ID += { LOG };
    redef enum Notice::Type += { Compile_Failure, Install_Failure, Too_Long_To_Compile_Filter, Dropped_Packets };

    type Info: record {
        ts: time &log;
        node: string &log &optional;
        filter: string &log;
        init: bool &log &default=F;
        success: bool &log &default=T;
        failure_reason: string &log &optional;
    };

    global log_policy: Log::PolicyHook;

    ## Captured if there are no `capture_filters`.
    const default_capture_filter = "ip or not ip" &redef;
    ## Captured whatever the others say.
    const unrestricted_filter = "" &redef;
    ## Nothing beyond this is captured, whatever the others say.
    const restricted_filter = "" &redef;
    ## Capture only the registered ports of enabled analyzers.
    const enable_auto_protocol_capture_filters = F &redef;
    const max_filter_compile_time = 100msec &redef;

    type FilterPlugin: record {
        ## Changes `capture_filters` or `restrict_filters` before the filter is put together.
        func: function();
    };

    global register_filter_plugin: function(fp: FilterPlugin);

    # Leave out what a filter describes; for good, for a while, no longer.
    global exclude: function(filter_id: string, filter: string): bool;
    global exclude_for: function(filter_id: string, filter: string, span: interval): bool;
    global remove_exclude: function(filter_id: string): bool;

    global install: function(): bool;

    ## The filter that follows from all of this.
    global current_filter = "<not set yet>";
}

global excluded: table[string] of string = {};
global filter_plugins: set[FilterPlugin] = {};

function register_filter_plugin(fp: FilterPlugin) {
    add filter_plugins[fp];
}

function build(): string {
    if (cmd_line_bpf_filter != "")
        return cmd_line_bpf_filter;

    for (plugin in filter_plugins)
        plugin$func();

    local wanted = "";

    if (enable_auto_protocol_capture_filters)
        wanted = Analyzer::get_bpf();
    else if (|capture_filters| == 0)
        wanted = default_capture_filter;

    for (_, filter in capture_filters)
        wanted = combine_filters(wanted, "or", filter);

    local allowed = "";

    for (_, filter in restrict_filters)
        allowed = combine_filters(allowed, "and", filter);

    for (_, filter in excluded)
        allowed = combine_filters(allowed, "and", fmt("not (%s)", filter));

    local all = combine_filters(wanted, "and", allowed);

    if (unrestricted_filter != "")
        all = combine_filters(unrestricted_filter, "or", all);

    return restricted_filter == "" ? all : combine_filters(restricted_filter, "and", all);
}

function install(): bool {
    current_filter = build();
    return F;
}

function exclude(filter_id: string, filter: string): bool {
    excluded[filter_id] = filter;
    return install();
}

event exclusion_over(filter_id: string) {
    remove_exclude(filter_id);
}

function exclude_for(filter_id: string, filter: string, span: interval): bool {
    schedule span { exclusion_over(filter_id) };
    return exclude(filter_id, filter);
}

function remove_exclude(filter_id: string): bool {
    delete excluded[filter_id];
    return install();
}

event zeek_init() &priority=5 {
    Log::create_stream(LOG, Log::Stream($columns=Info, $path="packet_filter", $policy=log_policy));
}

event zeek_init() &priority=-6 {
    install();
}
