##! software.log: which software runs on which host, as far as it shows in the traffic. A row when it
##! is seen first, and when its version has changed.

@load base/frameworks/cluster
@load base/frameworks/logging
@load base/utils/directions-and-hosts

module Software;

export {
    redef enum Log::ID += { LOG };

    ## What the software does. Each script adds its own.
    type Type: enum {
        UNKNOWN,
    };

    type Version: record {
        major: count &optional;
        minor: count &optional;
        minor2: count &optional;
        minor3: count &optional;
        ## What follows the numbers, e.g. "beta42".
        addl: string &optional;
    } &log;

    type Info: record {
        ts: time &log &optional;
        host: addr &log;
        host_p: port &log &optional;
        software_type: Type &log &default=UNKNOWN;
        name: string &log &optional;
        version: Version &log &optional;
        ## The version as the software puts it; name and version are found in it if they are not set.
        unparsed_version: string &log &optional;
        ## Log it, known or not, of ours or not.
        force_log: bool &default=F;
    };

    global log_software: event(rec: Info);
    global log_policy: Log::PolicyHook;

    ## Whose software to keep track of.
    option asset_tracking = LOCAL_HOSTS;

    # How long the parts of a version text, and a sighting, are remembered.
    const parse_cache_interval = 65secs &redef;
    const found_cache_interval = 10mins &redef;
    ## Versions of one software on one host that are remembered; 0 for no limit.
    const max_software_cache_size = 20 &redef;

    ## Reports software. F if it was not taken.
    global found: function(id: conn_id, info: Info): bool;

    ## Negative, 0 or positive, as the first is older, the same, or newer.
    global cmp_versions: function(v1: Version, v2: Version): int;

    ## Names that go under another one.
    global alternate_names: table[string] of string = {
        ["Flash Player"] = "Flash",
    } &default=function(a: string): string { return a; };

    type Set: record {
        versions: set[string];
        last: Info &optional;
    };

    ## By name.
    type SoftwareSets: table[string] of Set;
    global tracked_software: table[addr] of SoftwareSets &create_expire=1day;

    global version_change: event(old: Info, new: Info);
    ## Software with name and version, to be looked up in what is known.
    global register: event(info: Info);
}

# In parse.zeek.
type Description: record {
    name: string;
    version: Version;
    unparsed_version: string;
};

global parse: function(unparsed_version: string): Description;

global parsed: table[string] of Description &read_expire=parse_cache_interval;
global found_lately: set[Info] &create_expire=found_cache_interval;

event zeek_init() &priority=5 {
    Log::create_stream(LOG, Log::Stream($columns=Info, $ev=log_software, $path="software", $policy=log_policy));
}

# -1, 0 or 1; unset comes before any number.
function cmp_parts(has1: bool, n1: count, has2: bool, n2: count): int {
    if (has1 != has2)
        return has1 ? +1 : -1;

    return ! has1 || n1 == n2 ? +0 : n1 < n2 ? -1 : +1;
}

function cmp_versions(v1: Version, v2: Version): int {
    local order = cmp_parts(v1?$major, v1?$major ? v1$major : 0, v2?$major, v2?$major ? v2$major : 0);

    if (order == 0)
        order = cmp_parts(v1?$minor, v1?$minor ? v1$minor : 0, v2?$minor, v2?$minor ? v2$minor : 0);

    if (order == 0)
        order = cmp_parts(v1?$minor2, v1?$minor2 ? v1$minor2 : 0, v2?$minor2, v2?$minor2 ? v2$minor2 : 0);

    if (order == 0)
        order = cmp_parts(v1?$minor3, v1?$minor3 ? v1$minor3 : 0, v2?$minor3, v2?$minor3 ? v2$minor3 : 0);

    if (order != 0)
        return order;

    if (v1?$addl && v2?$addl)
        return strcmp(v1$addl, v2$addl);

    return v1?$addl == v2?$addl ? +0 : v1?$addl ? +1 : -1;
}

## "1.2.3-beta"
function software_fmt_version(v: Version): string {
    local text = cat(v?$major ? v$major : 0);

    if (v?$minor)
        text += fmt(".%d", v$minor);

    if (v?$minor2)
        text += fmt(".%d", v$minor2);

    if (v?$minor3)
        text += fmt(".%d", v$minor3);

    return v?$addl ? fmt("%s-%s", text, v$addl) : text;
}

## "name 1.2.3-beta"
function software_fmt(i: Info): string {
    return fmt("%s %s", i$name, software_fmt_version(i$version));
}

# What tells versions apart.
function version_key(i: Info): string {
    if (i?$unparsed_version)
        return i$unparsed_version;

    return i?$version ? software_fmt_version(i$version) : "<unknown>";
}

event register(info: Info) {
    if (info$host !in tracked_software)
        tracked_software[info$host] = table();

    local known = tracked_software[info$host];
    local key = version_key(info);
    local is_known = info$name in known && key in known[info$name]$versions;

    if (is_known && ! info$force_log)
        return;

    if (! is_known) {
        if (info$name in known)
            event Software::version_change(known[info$name]$last, info);
        else {
            local fresh: Set;
            known[info$name] = fresh;
        }

        local entry = known[info$name];

        # When it gets too much, begin anew with the latest.
        if (max_software_cache_size > 0 && |entry$versions| >= max_software_cache_size)
            entry$versions = set();

        add entry$versions[key];
        entry$last = info;
    }

    Log::write(LOG, info);
}

event Software::new(info: Info) {
    if (! info?$version) {
        if (info$unparsed_version !in parsed)
            parsed[info$unparsed_version] = parse(info$unparsed_version);

        local description = parsed[info$unparsed_version];
        info$name = description$name;
        info$version = description$version;
    }

    event Software::register(info);
}

function found(id: conn_id, info: Info): bool {
    if (! info$force_log && ! addr_matches_host(info$host, asset_tracking))
        return F;

    # The time is not set yet, or no two sightings would be the same.
    if (found_cache_interval > 0secs) {
        if (info in found_lately)
            return T;

        add found_lately[copy(info)];
    }

    if (! info?$ts)
        info$ts = network_time();

    if (info?$version && ! info?$name) {
        Reporter::error("Required field name not present in Software::found");
        return F;
    }

    if (! info?$version && ! info?$unparsed_version) {
        Reporter::error("No unparsed version string present in Info record with version in Software::found");
        return F;
    }

    if (Cluster::is_enabled())
        Cluster::publish_hrw(Cluster::proxy_pool, info$host, Software::new, info);
    else
        event Software::new(info);

    return T;
}
