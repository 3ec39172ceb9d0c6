##! Summary statistics: observations go into streams, reducers turn a stream into results per key,
##! thresholds and epochs hand the results on.
##!
##! This is the single-process form. What a cluster adds, merging results of several nodes, is in
##! `compose_results`, which the calculations support.

module SumStats;

export {
    ## What can be calculated. Each plugin adds one.
    type Calculation: enum {
        PLACEHOLDER,
    };

    ## What results are kept by; any combination of the two.
    type Key: record {
        str: string &optional;
        host: addr &optional;
    };

    ## One of the three. A string counts as 1 where a number is wanted.
    type Observation: record {
        num: count &optional;
        dbl: double &optional;
        str: string &optional;
    };

    type Reducer: record {
        ## Name of the stream of observations.
        stream: string;
        apply: set[Calculation];
        ## Whether an observation counts.
        pred: function(key: SumStats::Key, obs: SumStats::Observation): bool &optional;
        ## The key to keep the result by instead.
        normalize_key: function(key: SumStats::Key): Key &optional;
    };

    ## What one reducer has calculated for one key. Each plugin adds its own.
    type ResultVal: record {
        ## Times of the first and last observation.
        begin: time;
        end: time;
        num: count &default=0;
    };

    ## By stream.
    type Result: table[string] of ResultVal;
    type ResultTable: table[Key] of Result;

    type SumStat: record {
        name: string;
        ## After this long the results are handed on and begin anew. 0: when `next_epoch` says so.
        epoch: interval;
        reducers: set[Reducer];

        ## The number that thresholds are about.
        threshold_val: function(key: SumStats::Key, result: SumStats::Result): double &optional;
        threshold: double &optional;
        ## Or several, in growing order.
        threshold_series: vector of double &optional;
        ## Called once per key and epoch and threshold.
        threshold_crossed: function(key: SumStats::Key, result: SumStats::Result) &optional;

        ## Called for each key at the end of an epoch, and once when that is done.
        epoch_result: function(ts: time, key: SumStats::Key, result: SumStats::Result) &optional;
        epoch_finished: function(ts: time) &optional;
    };

    global create: function(ss: SumStats::SumStat);
    global observe: function(id: string, key: SumStats::Key, obs: SumStats::Observation);
    ## The result for a key so far, for use with `when`.
    global request_key: function(ss_name: string, key: Key): Result;
    ## Ends an epoch of a sumstat whose epoch is 0. F for others.
    global next_epoch: function(ss_name: string): bool;
    global key2str: function(key: SumStats::Key): string;
}

## How a calculation takes in an observation; `val` is its number.
type ObserveFunc: function(r: Reducer, val: double, data: Observation, rv: ResultVal);

redef record Reducer += {
    ## The sumstat that the reducer is part of.
    ssname: string &optional;
    ## What to calculate, what others need first.
    calc_funcs: vector of Calculation &optional;
};

# Hooks for plugins: to register themselves, to prepare a result, to merge two.
global register_observe_plugins: hook();
global init_resultval_hook: hook(r: Reducer, rv: ResultVal);
global compose_resultvals_hook: hook(result: ResultVal, rv1: ResultVal, rv2: ResultVal);

global stats_store: table[string] of SumStat = table();
# By stream.
global reducer_store: table[string] of set[Reducer] = table();
# By sumstat.
global result_store: table[string] of ResultTable = table();
# By sumstat and key: how many thresholds have been crossed.
global threshold_tracker: table[string] of table[Key] of count = table();

global calc_store: table[Calculation] of ObserveFunc = table();
global calc_deps: table[Calculation] of vector of Calculation = table();

global finish_epoch: event(ss: SumStat);

# --- Plugins -------------------------------------------------------------------------------------

function register_observe_plugin(calc: Calculation, func: ObserveFunc) {
    calc_store[calc] = func;
}

function add_observe_plugin_dependency(calc: Calculation, depends_on: Calculation) {
    if (calc !in calc_deps)
        calc_deps[calc] = vector();

    calc_deps[calc] += depends_on;
}

event zeek_init() &priority=100000 {
    hook register_observe_plugins();
}

# --- Results -------------------------------------------------------------------------------------

function init_resultval(r: Reducer): ResultVal {
    local rv = ResultVal($begin=network_time(), $end=network_time());
    hook init_resultval_hook(r, rv);
    return rv;
}

function compose_resultvals(rv1: ResultVal, rv2: ResultVal): ResultVal {
    local rv = ResultVal($begin=rv1$begin < rv2$begin ? rv1$begin : rv2$begin,
        $end=rv1$end < rv2$end ? rv2$end : rv1$end, $num=rv1$num + rv2$num);
    hook compose_resultvals_hook(rv, rv1, rv2);
    return rv;
}

function compose_results(r1: Result, r2: Result): Result &is_used {
    local merged: Result = table();

    for (id, rv in r1)
        merged[id] = id in r2 ? compose_resultvals(rv, r2[id]) : rv;

    for (id, rv in r2)
        if (id !in r1)
            merged[id] = rv;

    return merged;
}

function reset(ss: SumStat) {
    # New tables, not emptied ones: whoever was handed the results still has them.
    result_store[ss$name] = table();

    if (ss$name in threshold_tracker)
        threshold_tracker[ss$name] = table();
}

# --- Thresholds ----------------------------------------------------------------------------------

function crossed_so_far(ss: SumStat, key: Key): count {
    if (ss$name !in threshold_tracker || key !in threshold_tracker[ss$name])
        return 0;

    return threshold_tracker[ss$name][key];
}

# Functions of the user find a result for each reducer, observed or not.
function complete(ss: SumStat, result: Result) {
    if (|ss$reducers| == |result|)
        return;

    for (r in ss$reducers)
        if (r$stream !in result)
            result[r$stream] = init_resultval(r);
}

# `share` is the part of all observations that is known here; 1.0 for all.
function check_thresholds(ss: SumStat, key: Key, result: Result, share: double): bool {
    if (! ss?$threshold && ! ss?$threshold_series && ! ss?$threshold_crossed)
        return F;

    complete(ss, result);

    local value = ss$threshold_val(key, result);

    if (0.0 < share && share < 1.0)
        value = value / share;

    local crossed = crossed_so_far(ss, key);

    if (ss?$threshold && crossed == 0 && value >= ss$threshold)
        return T;

    return ss?$threshold_series && crossed < |ss$threshold_series| && value >= ss$threshold_series[crossed];
}

function threshold_crossed(ss: SumStat, key: Key, result: Result) {
    if (! ss?$threshold_crossed)
        return;

    if (ss$name !in threshold_tracker)
        threshold_tracker[ss$name] = table();

    threshold_tracker[ss$name][key] = crossed_so_far(ss, key) + 1;
    complete(ss, result);
    ss$threshold_crossed(key, result);
}

# All thresholds are crossed: no need to go on counting. With a single threshold, counting goes on
# if results are wanted at the end of the epoch; with a series, not even then (scripts have come to
# see such results, so it stays).
function is_done_with(ss: SumStat, key: Key): bool {
    local crossed = crossed_so_far(ss, key);

    if (crossed == 0)
        return F;

    if (ss?$threshold_series && crossed == |ss$threshold_series|)
        return T;

    return ss?$threshold && ! ss?$epoch_result;
}

# --- Public functions ----------------------------------------------------------------------------

function is_listed(calc: Calculation, list: vector of Calculation): bool {
    for (_, other in list)
        if (other == calc)
            return T;

    return F;
}

# What `calc` needs, then `calc`. Plugins must not need each other in a circle.
function list_calculation(calc: Calculation, list: vector of Calculation) {
    if (calc in calc_deps)
        for (_, needed in calc_deps[calc])
            list_calculation(needed, list);

    if (! is_listed(calc, list))
        list += calc;
}

function create(ss: SumStat) {
    local has_threshold = ss?$threshold || ss?$threshold_series;

    if (has_threshold && ! ss?$threshold_val)
        Reporter::error("SumStats given a threshold with no $threshold_val function");

    stats_store[ss$name] = ss;

    if (has_threshold)
        threshold_tracker[ss$name] = table();

    for (r in ss$reducers) {
        r$ssname = ss$name;
        r$calc_funcs = vector();

        for (calc in r$apply)
            list_calculation(calc, r$calc_funcs);

        if (r$stream !in reducer_store)
            reducer_store[r$stream] = set();

        add reducer_store[r$stream][r];
    }

    reset(ss);

    if (ss$epoch != 0secs)
        schedule ss$epoch { SumStats::finish_epoch(ss) };
}

function number_of(obs: Observation): double {
    if (obs?$num)
        return obs$num + 0.0;

    return obs?$dbl ? obs$dbl : 1.0;
}

function observe(id: string, key: Key, obs: Observation) {
    if (id !in reducer_store)
        return;

    for (r in reducer_store[id]) {
        local kept_by = r?$normalize_key ? r$normalize_key(copy(key)) : key;

        if (r?$pred && ! r$pred(kept_by, obs))
            next;

        local ss = stats_store[r$ssname];

        if (is_done_with(ss, kept_by))
            next;

        local results = result_store[r$ssname];

        if (kept_by !in results)
            results[kept_by] = table();

        local result = results[kept_by];

        if (id !in result)
            result[id] = init_resultval(r);

        local rv = result[id];
        ++rv$num;
        rv$end = network_time();

        for (_, calc in r$calc_funcs) {
            local func = calc_store[calc];
            func(r, number_of(obs), obs, rv);
        }

        if (check_thresholds(ss, kept_by, result, 1.0))
            threshold_crossed(ss, kept_by, result);
    }
}

function request_key(ss_name: string, key: Key): Result {
    # In a cluster the answer takes a while; here the form is the same.
    return when [ss_name, key] (T) {
        if (ss_name in result_store && key in result_store[ss_name])
            return result_store[ss_name][key];

        return table();
    }
}

function key2str(key: Key): string {
    local parts: string_vec = vector();

    if (key?$host)
        parts += fmt("host=%s", key$host);

    if (key?$str)
        parts += fmt("str=%s", key$str);

    return fmt("sumstats_key(%s)", join_string_vec(parts, ", "));
}

function next_epoch(ss_name: string): bool {
    if (ss_name !in stats_store || stats_store[ss_name]$epoch != 0secs)
        return F;

    event SumStats::finish_epoch(stats_store[ss_name]);
    return T;
}
