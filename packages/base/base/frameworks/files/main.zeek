##! Files, whatever carried them: what is known of each, which analyzers look at it, files.log.

@load base/frameworks/analyzer
@load base/frameworks/logging
@load base/utils/site

module Files;

export {
    redef enum Log::ID += { LOG };

    ## Arguments of file analyzers; each analyzer adds its own.
    type AnalyzerArgs: record {
        # For ANALYZER_DATA_EVENT: raised with each piece, as it comes or in order.
        chunk_event: event(f: fa_file, data: string, off: count) &optional;
        stream_event: event(f: fa_file, data: string) &optional;
    } &redef;

    type Info: record {
        ## When the file was first seen.
        ts: time &log;
        fuid: string &log;
        ## The connection that carried it; a file on several has a row for each.
        uid: string &log &optional;
        id: conn_id &log &optional;
        ## What carried it: an analyzer's name, or where else it comes from.
        source: string &log &optional;
        ## Depth in the carrying protocol, e.g. of MIME parts or requests.
        depth: count &default=0 &log;
        analyzers: set[string] &default=string_set() &log;
        mime_type: string &log &optional;
        filename: string &log &optional;
        duration: interval &log &default=0secs;
        ## Whether the sender is one of ours.
        local_orig: bool &log &optional;
        ## Whether the connection's originator is the sender.
        is_orig: bool &log &optional;
        seen_bytes: count &log &default=0;
        total_bytes: count &log &optional;
        missing_bytes: count &log &default=0;
        overflow_bytes: count &log &default=0;
        timedout: bool &log &default=F;
        parent_fuid: string &log &optional;
    } &redef;

    global log_files: event(rec: Info);
    global log_policy: Log::PolicyHook;

    const disable: table[Files::Tag] of bool = table() &redef;
    ## Attach analyzers to files whose type they registered for.
    const analyze_by_mime_type_automatically = T &redef;
    ## Put pieces that come out of order in order.
    option enable_reassembler = T;
    const reassembly_buffer_size = 524288 &redef;

    global file_exists: function(fuid: string): bool;
    ## Run-time error if there is no such file.
    global lookup_file: function(fuid: string): fa_file;
    global enable_reassembly: function(f: fa_file);
    global disable_reassembly: function(f: fa_file);
    global set_reassembly_buffer_size: function(f: fa_file, max: count);
    global set_timeout_interval: function(f: fa_file, t: interval): bool;

    global enable_analyzer: function(tag: Files::Tag): bool;
    global disable_analyzer: function(tag: Files::Tag): bool;
    global analyzer_enabled: function(tag: Files::Tag): bool;
    global analyzer_name: function(tag: Files::Tag): string;

    global add_analyzer: function(f: fa_file, tag: Files::Tag,
        args: AnalyzerArgs &default=AnalyzerArgs()): bool;
    global remove_analyzer: function(f: fa_file, tag: Files::Tag,
        args: AnalyzerArgs &default=AnalyzerArgs()): bool;
    ## Look no further into this file.
    global stop: function(f: fa_file): bool;

    ## Called when the analyzer is added to a file, to fill in its arguments.
    global register_analyzer_add_callback: function(tag: Files::Tag,
        callback: function(f: fa_file, args: AnalyzerArgs));

    ## What a protocol that carries files has to say about them.
    type ProtoRegistration: record {
        ## The same text for all pieces of one file, and different text for different files.
        get_file_handle: function(c: connection, is_orig: bool): string;
        ## The file in words, e.g. its URL.
        describe: function(f: fa_file): string &default=function(f: fa_file): string { return ""; };
    };

    ## Answers whether this is the first registration of the protocol.
    global register_protocol: function(tag: Analyzer::Tag, reg: ProtoRegistration): bool;
    global describe: function(f: fa_file): string;

    global register_for_mime_type: function(tag: Files::Tag, mt: string): bool;
    global register_for_mime_types: function(tag: Files::Tag, mts: set[string]): bool;
    global registered_mime_types: function(tag: Files::Tag): set[string];
    global all_registered_mime_types: function(): table[Files::Tag] of set[string];
}

redef record fa_file += {
    info: Info &optional;
};

global protocols: table[Analyzer::Tag] of ProtoRegistration = table();
global add_callbacks: table[Files::Tag] of function(f: fa_file, args: AnalyzerArgs) = table();

# MIME types and analyzers, from either side.
global types_of: table[Files::Tag] of set[string];
global analyzers_for: table[string] of set[Files::Tag];

# Protocols for which it has been said that they lack a registration.
global complained_about: set[Analyzer::Tag];

event zeek_init() &priority=5 {
    Log::create_stream(LOG, Log::Stream($columns=Info, $ev=log_files, $path="files", $policy=log_policy));
}

function file_exists(fuid: string): bool {
    return __file_exists(fuid);
}

function lookup_file(fuid: string): fa_file {
    return __lookup_file(fuid);
}

function enable_reassembly(f: fa_file) {
    __enable_reassembly(f$id);
}

function disable_reassembly(f: fa_file) {
    __disable_reassembly(f$id);
}

function set_reassembly_buffer_size(f: fa_file, max: count) {
    __set_reassembly_buffer(f$id, max);
}

function set_timeout_interval(f: fa_file, t: interval): bool {
    return __set_timeout_interval(f$id, t);
}

function enable_analyzer(tag: Files::Tag): bool {
    return __enable_analyzer(tag);
}

function disable_analyzer(tag: Files::Tag): bool {
    return __disable_analyzer(tag);
}

function analyzer_enabled(tag: Files::Tag): bool {
    return __analyzer_enabled(tag);
}

function analyzer_name(tag: Files::Tag): string {
    return __analyzer_name(tag);
}

function add_analyzer(f: fa_file, tag: Files::Tag, args: AnalyzerArgs &default=AnalyzerArgs()): bool {
    if (! analyzer_enabled(tag))
        return F;

    add f$info$analyzers[analyzer_name(tag)];

    if (tag in add_callbacks)
        add_callbacks[tag](f, args);

    if (__add_analyzer(f$id, tag, args))
        return T;

    Reporter::warning(fmt("Analyzer %s not added successfully to file %s.", tag, f$id));
    return F;
}

function remove_analyzer(f: fa_file, tag: Files::Tag, args: AnalyzerArgs &default=AnalyzerArgs()): bool {
    return __remove_analyzer(f$id, tag, args);
}

function stop(f: fa_file): bool {
    return __stop(f$id);
}

function register_analyzer_add_callback(tag: Files::Tag, callback: function(f: fa_file, args: AnalyzerArgs)) {
    add_callbacks[tag] = callback;
}

function register_protocol(tag: Analyzer::Tag, reg: ProtoRegistration): bool {
    local is_new = tag !in protocols;
    protocols[tag] = reg;
    return is_new;
}

function describe(f: fa_file): string {
    if (! Analyzer::has_tag(f$source))
        return "";

    local tag = Analyzer::get_tag(f$source);

    if (tag !in protocols)
        return "";

    local reg = protocols[tag];
    return reg$describe(f);
}

function register_for_mime_type(tag: Files::Tag, mt: string): bool {
    if (tag !in types_of)
        types_of[tag] = set();

    if (mt !in analyzers_for)
        analyzers_for[mt] = set();

    add types_of[tag][mt];
    add analyzers_for[mt][tag];
    __register_for_mime_type(tag, mt);
    return T;
}

function register_for_mime_types(tag: Files::Tag, mts: set[string]): bool {
    for (mt in mts)
        register_for_mime_type(tag, mt);

    return T;
}

function registered_mime_types(tag: Files::Tag): set[string] {
    return tag in types_of ? types_of[tag] : set();
}

function all_registered_mime_types(): table[Files::Tag] of set[string] {
    return types_of;
}

event get_file_handle(tag: Analyzer::Tag, c: connection, is_orig: bool) &priority=5 {
    if (tag in protocols) {
        local reg = protocols[tag];
        set_file_handle(reg$get_file_handle(c, is_orig));
        return;
    }

    if (tag !in complained_about) {
        add complained_about[tag];
        Reporter::warning(fmt("get_file_handle() handler missing for %s", tag));
    }

    # A handle that no other file has.
    set_file_handle(fmt("%s-fallback-%s-%s-%s", tag, c$uid, is_orig, network_time()));
}

# Carries over what the analysis knows by now. Every handler of a file event may be the first to see
# the file, so each of ours begins with this.
function refresh(f: fa_file) {
    if (! f?$info)
        f$info = Info($ts=f$last_active, $fuid=f$id);

    local info = f$info;

    info$source = f$source;
    info$duration = f$last_active - info$ts;
    info$seen_bytes = f$seen_bytes;
    info$missing_bytes = f$missing_bytes;
    info$overflow_bytes = f$overflow_bytes;

    if (f?$total_bytes)
        info$total_bytes = f$total_bytes;

    if (f?$is_orig)
        info$is_orig = f$is_orig;

    if (f?$parent_id)
        info$parent_fuid = f$parent_id;
}

event file_new(f: fa_file) &priority=10 {
    refresh(f);

    if (! enable_reassembler)
        return;

    enable_reassembly(f);
    set_reassembly_buffer_size(f, reassembly_buffer_size);
}

event file_over_new_connection(f: fa_file, c: connection, is_orig: bool) &priority=10 {
    refresh(f);

    if (|Site::local_nets| > 0)
        f$info$local_orig = Site::is_local_addr(f$is_orig ? c$id$orig_h : c$id$resp_h);
}

# A function of its own: for types that nobody registered for the host does not wait for what comes
# of it (sdk/runner/demand.cpp).
function analyze_by_mime_type(f: fa_file, mime_type: string) {
    if (mime_type in analyzers_for)
        for (tag in analyzers_for[mime_type])
            add_analyzer(f, tag);
}

event file_sniff(f: fa_file, meta: fa_metadata) &priority=10 {
    refresh(f);

    if (! meta?$mime_type)
        return;

    f$info$mime_type = meta$mime_type;

    if (analyze_by_mime_type_automatically)
        analyze_by_mime_type(f, meta$mime_type);
}

event file_timeout(f: fa_file) &priority=10 {
    refresh(f);
    f$info$timedout = T;
}

event file_state_remove(f: fa_file) &priority=10 {
    refresh(f);
}

event file_state_remove(f: fa_file) &priority=-10 {
    if (! f?$conns || |f$conns| == 0) {
        Log::write(LOG, f$info);
        return;
    }

    for (_, c in f$conns) {
        # A row of its own for each connection: the event raised with the row holds it by reference.
        local row = |f$conns| == 1 ? f$info : copy(f$info);
        row$uid = c$uid;
        row$id = c$id;
        Log::write(LOG, row);
    }
}
