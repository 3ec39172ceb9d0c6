##! Options that change while we run, and config.log, which tells when they did.

@load base/frameworks/cluster
@load base/frameworks/logging

module Config;

export {
    redef enum Log::ID += { LOG };

    type Info: record {
        ts: time &log;
        ## Name of the option.
        id: string &log;
        old_value: string &log;
        new_value: string &log;
        ## Where the change comes from, e.g. a file.
        location: string &optional &log;
    };

    global log_config: event(rec: Info);
    global log_policy: Log::PolicyHook;

    ## Sets an option, on all nodes of a cluster. F if there is no such option, or of another type.
    global set_value: function(ID: string, val: any, location: string &default=""): bool;

    ## How one node tells another.
    global cluster_set_option: event(ID: string, val: any, location: string);
}

type Setting: record {
    val: any;
    location: string;
};

# On the manager: all that was changed, for nodes that come later.
global settings: table[string] of Setting;

function is_manager(): bool {
    return Cluster::local_node_type() == Cluster::MANAGER;
}

function tell_everybody(ID: string, val: any, location: string) {
    settings[ID] = Setting($val=val, $location=location);

    for (topic in Cluster::broadcast_topics)
        Cluster::publish(topic, Config::cluster_set_option, ID, val, location);
}

event cluster_set_option(ID: string, val: any, location: string) {
    if (is_manager())
        tell_everybody(ID, val, location);

    Option::set(ID, val, location);
}

function set_value(ID: string, val: any, location: string &default=""): bool {
    if (! Cluster::is_enabled())
        return Option::set(ID, val, location);

    # Whatever the caller does to its value later is not a change of the option.
    local own = copy(val);

    if (! Option::set(ID, own, location))
        return F;

    if (is_manager())
        tell_everybody(ID, own, location);
    else
        Cluster::publish(Cluster::manager_topic, Config::cluster_set_option, ID, own, location);

    return T;
}

event Cluster::node_up(name: string, id: string) &priority=-10 {
    if (! is_manager() || name !in Cluster::nodes)
        return;

    for (ID, setting in settings)
        Cluster::publish(Cluster::node_topic(name), Config::cluster_set_option, ID, setting$val, setting$location);
}

# The elements of a set or vector, separated by commas; anything else as `cat` writes it.
function value_text(value: any): string {
    local kind = type_name(value);
    local elements: vector of any;

    if (kind == "string")
        return value as string;

    if (starts_with(kind, "set[") && strstr(kind, ",") == 0)
        elements = Option::any_set_to_any_vec(value);
    else if (starts_with(kind, "vector"))
        elements = value;
    else
        return cat(value);

    local texts: string_vec = vector();

    for (_, element in elements)
        texts += cat(element);

    return join_string_vec(texts, ",");
}

function log_change(ID: string, new_value: any, location: string): any {
    # A change that follows from another one, which is logged.
    if (location == "<skip-config-log>")
        return new_value;

    local row = Info($ts=network_time(), $id=ID, $old_value=value_text(lookup_ID(ID)),
        $new_value=value_text(new_value));

    if (location != "")
        row$location = location;

    Log::write(LOG, row);
    return new_value;
}

event zeek_init() &priority=10 {
    Log::create_stream(LOG, Log::Stream($columns=Info, $ev=log_config, $path="config", $policy=log_policy));

    if (Cluster::is_enabled() && ! is_manager())
        return;

    # Last of all handlers, to see what comes of the change.
    for (ID in global_options())
        Option::set_change_handler(ID, log_change, -100);
}
