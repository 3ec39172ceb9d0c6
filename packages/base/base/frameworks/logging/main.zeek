##! Log streams. A stream is a kind of row; its filters say where rows go and what of them.
##!
##! Scripts create a stream once and write rows to it. Everything that happens to a row then (policy
##! hooks, filters, columns, writers) happens in the native part behind the functions whose names
##! begin with two underscores; what is here keeps the tables by which scripts look things up.

module Log;

export {
    ## Each module adds the name of its stream.
    type ID: enum {
        ## Never a stream.
        UNKNOWN,
        ## What `print` printed, if `print_to_log` says so.
        PRINTLOG,
    };

    # --- Defaults that a filter or writer may override ---

    const enable_local_logging = T &redef;
    const enable_remote_logging = T &redef;
    const default_writer = WRITER_ASCII &redef;
    ## Directory for relative paths; empty for the working directory.
    const default_logdir = "" &redef;

    const separator = "\t" &redef;
    const set_separator = "," &redef;
    const empty_field = "(empty)" &redef;
    const unset_field = "-" &redef;

    ## Column names as they are to be written, by the name they would have had.
    const default_field_name_map: table[string] of string = table() &redef;
    ## Between the name of a record column and the names inside it.
    const default_scope_sep = "." &redef;

    ## Before the name of each column that an extension function adds.
    const default_ext_prefix: string = "_" &redef;
    ## Answers a record whose fields become the first columns of every row; none if it answers nothing.
    const default_ext_func: function(path: string): any = function(path: string) { } &redef;

    ## Names the path of a stream that did not give one.
    global default_path_func: function(id: ID, path: string, rec: any): string &redef;

    # --- Rotation: when a file is closed and put aside, and what is done to it then ---

    type RotationInfo: record {
        writer: Writer;
        ## The file as it is named now.
        fname: string;
        ## The path that the filter asked for, without extension.
        path: string;
        open: time;
        close: time;
        ## The whole run ends.
        terminating: bool;
    };

    ## Answers whether all went well.
    type RotationPostProcessorFunc: function(info: Log::RotationInfo): bool;

    type RotationFmtInfo: record {
        writer: Writer;
        path: string;
        open: time;
        close: time;
        terminating: bool;
        postprocessor: RotationPostProcessorFunc &optional;
    };

    ## 0 for never.
    const default_rotation_interval = 0secs &redef;
    option default_rotation_dir = "";

    type RotationPath: record {
        dir: string &default=default_rotation_dir;
        ## Without extension.
        file_basename: string;
    };

    ## Names the file that a rotated log becomes.
    const rotation_format_func: function(ri: RotationFmtInfo): RotationPath &redef;
    const default_rotation_date_format = "%Y-%m-%d-%H-%M-%S" &redef;

    ## A command to run on each rotated file, and what to add to its environment.
    const default_rotation_postprocessor_cmd = "" &redef;
    option default_rotation_postprocessor_cmd_env: table[string] of string = {};
    const default_rotation_postprocessors: table[Writer] of function(info: RotationInfo): bool &redef;
    const default_mail_alarms_interval = 0secs &redef;

    ## Runs `default_rotation_postprocessor_cmd` on a file.
    global run_rotation_postprocessor_cmd: function(info: RotationInfo, npath: string): bool;

    # --- Delaying a row ---

    const default_max_delay_interval = 200msec &redef;
    const default_max_delay_queue_size = 1000 &redef;

    # --- Filters ---

    type Filter: record {
        ## A filter of the same stream and name is replaced.
        name: string;
        writer: Writer &default=default_writer;
        ## Where rows go; without it `path_func` decides for each row.
        path: string &optional;
        path_func: function(id: ID, path: string, rec: any): string &optional;
        ## Names of the only columns to write, or of those not to write.
        include: set[string] &optional;
        exclude: set[string] &optional;
        log_local: bool &default=enable_local_logging;
        log_remote: bool &default=enable_remote_logging;
        field_name_map: table[string] of string &default=default_field_name_map;
        scope_sep: string &default=default_scope_sep;
        ext_prefix: string &default=default_ext_prefix;
        ext_func: function(path: string): any &default=default_ext_func;
        ## Rotation interval.
        interv: interval &default=default_rotation_interval;
        postprocessor: function(info: RotationInfo): bool &optional;
        ## For the writer; each writer says what it understands.
        config: table[string] of string &default=table();
    };

    ## Called with each row before a filter writes it; `break` vetoes the row for that filter.
    type PolicyHook: hook(rec: any, id: ID, filter: Filter);

    ## The same, once per row, before any filter.
    type StreamPolicyHook: hook(rec: any, id: ID);

    # Separate, because a hook of this type receives the filter itself.
    redef record Filter += {
        policy: PolicyHook &optional;
    };

    # --- Streams ---

    type Stream: record {
        ## The record type of a row; its `&log` fields are the columns.
        columns: any;
        ## An event to raise with each row.
        ev: any &optional;
        ## For the default filter.
        path: string &optional;
        ## For every filter that has no policy of its own.
        policy: PolicyHook &optional;
        ## Groups of event handlers that are switched off and on together with the stream.
        event_groups: set[string] &default=set();
        max_delay_interval: interval &default=default_max_delay_interval;
        max_delay_queue_size: count &default=default_max_delay_queue_size;
        max_field_string_bytes: count &default=Log::default_max_field_string_bytes;
        max_total_string_bytes: count &default=Log::default_max_total_string_bytes;
        max_field_container_elements: count &default=Log::default_max_field_container_elements;
        max_total_container_elements: count &default=Log::default_max_total_container_elements;
    };

    ## Streams that are not disabled.
    global active_streams: table[ID] of Stream = table();

    ## Sees the rows of all streams; `break` vetoes one.
    global log_stream_policy: Log::StreamPolicyHook;

    ## What `get_filter` answers when there is none.
    const no_filter = Filter($name="<not found>");

    # Each answers whether it worked; what did not is said in reporter.log.
    global create_stream: function(id: ID, stream: Stream): bool;
    global remove_stream: function(id: ID): bool;
    global enable_stream: function(id: ID): bool;
    global disable_stream: function(id: ID): bool;

    global add_filter: function(id: ID, filter: Filter): bool;
    global remove_filter: function(id: ID, name: string): bool;
    global get_filter: function(id: ID, name: string): Filter;
    global get_filter_names: function(id: ID): set[string];
    ## The default filter is called "default" and writes all columns to the stream's path.
    global add_default_filter: function(id: ID): bool;
    global remove_default_filter: function(id: ID): bool;

    global write: function(id: ID, columns: any): bool;
    global set_buf: function(id: ID, buffered: bool): bool;
    global flush: function(id: ID): bool;

    # --- Output of `print` as a log ---

    type PrintLogInfo: record {
        ts: time &log;
        vals: string_vec &log;
    };

    type PrintLogType: enum {
        REDIRECT_NONE,
        ## Only what would have gone to standard output.
        REDIRECT_STDOUT,
        REDIRECT_ALL,
    };

    const print_to_log: PrintLogType = REDIRECT_NONE &redef;
    const print_log_path = "print" &redef;
    global log_print: event(rec: PrintLogInfo);
}

# Streams whether disabled or not.
global all_streams: table[ID] of Stream = table();

# Filters, by stream and name, and their names by stream.
global filters: table[ID, string] of Filter;
global stream_filters: table[ID] of set[string] = table();

# "KnownHosts" becomes "known_hosts": a capital after a small letter is set off. Module names have few
# words; four are looked at.
function snake_case(name: string): string {
    local pieces = split_string_n(name, /[^A-Z][A-Z][a-z]*/, T, 4);
    local out = "";

    for (i, piece in pieces) {
        if (i % 2 == 0)
            # What stands between two matches; only the first one begins the name.
            out += (i == 0 || piece == "") ? piece : string_cat("_", piece);
        else if (piece != "")
            # A match: the letter before the capital still belongs to the word before.
            out += string_cat(piece[0], "_", piece[1:]);

        if (i == 3)
            break;
    }

    return to_lower(out);
}

function default_path_func(id: ID, path: string, rec: any): string {
    if (|path| > 0)
        return path;

    local words = split_string1(cat(id), /::/);

    if (|words| < 2)
        return to_lower(words[0]);

    # Module::LOG is the module's one stream; Module::X_LOG, or Module::X, one of several.
    if (words[1] == "LOG")
        return snake_case(words[0]);

    return to_lower(string_cat(words[0], "_", sub(words[1], /_LOG$/, "")));
}

function create_stream(id: ID, stream: Stream): bool {
    if (! __create_stream(id, stream))
        return F;

    all_streams[id] = stream;
    active_streams[id] = stream;
    return add_default_filter(id);
}

function remove_stream(id: ID): bool {
    for (name in get_filter_names(id))
        delete filters[id, name];

    delete stream_filters[id];
    delete active_streams[id];
    delete all_streams[id];
    return __remove_stream(id);
}

# A group is named either for a module or with `&group`; both kinds may exist under one name.
function switch_event_groups(id: ID, on: bool) {
    if (id !in all_streams)
        return;

    for (group in all_streams[id]$event_groups) {
        if (has_module_events(group)) {
            if (on)
                enable_module_events(group);
            else
                disable_module_events(group);
        }

        if (has_event_group(group)) {
            if (on)
                enable_event_group(group);
            else
                disable_event_group(group);
        }
    }
}

function enable_stream(id: ID): bool {
    if (! __enable_stream(id))
        return F;

    if (id in all_streams)
        active_streams[id] = all_streams[id];

    switch_event_groups(id, T);
    return T;
}

function disable_stream(id: ID): bool {
    delete active_streams[id];
    switch_event_groups(id, F);
    return __disable_stream(id);
}

function add_filter(id: ID, filter: Filter): bool {
    if (! filter?$path && id in all_streams && all_streams[id]?$path)
        filter$path = all_streams[id]$path;

    if (! filter?$path && ! filter?$path_func)
        filter$path_func = default_path_func;

    if (! __add_filter(id, filter))
        return F;

    if (id !in stream_filters)
        stream_filters[id] = set();

    add stream_filters[id][filter$name];
    filters[id, filter$name] = filter;
    return T;
}

function remove_filter(id: ID, name: string): bool {
    delete filters[id, name];

    if (id in stream_filters)
        delete stream_filters[id][name];

    return __remove_filter(id, name);
}

function get_filter(id: ID, name: string): Filter {
    return [id, name] in filters ? filters[id, name] : no_filter;
}

function get_filter_names(id: ID): set[string] {
    return id in stream_filters ? stream_filters[id] : set();
}

function add_default_filter(id: ID): bool {
    return add_filter(id, Filter($name="default"));
}

function remove_default_filter(id: ID): bool {
    return remove_filter(id, "default");
}

function write(id: ID, columns: any): bool {
    return __write(id, columns);
}

function set_buf(id: ID, buffered: bool): bool {
    return __set_buf(id, buffered);
}

function flush(id: ID): bool {
    return __flush(id);
}

event zeek_init() &priority=5 {
    if (print_to_log == REDIRECT_NONE)
        return;

    create_stream(PRINTLOG, Stream($columns=PrintLogInfo, $ev=log_print, $path=print_log_path));
}
