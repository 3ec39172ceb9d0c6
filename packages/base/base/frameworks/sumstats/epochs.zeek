##! Ends of epochs: results are handed on in portions, so that many keys do not hold up the packets.

@load ./main

module SumStats;

const keys_per_portion = 50;
const portion_pause = 0.01secs;

event SumStats::process_epoch_result(ss: SumStat, now: time, data: ResultTable) {
    local portion: vector of Key = vector();

    for (key, result in data) {
        ss$epoch_result(now, key, result);
        portion += key;

        if (|portion| == keys_per_portion)
            break;
    }

    for (_, key in portion)
        delete data[key];

    if (|data| > 0)
        schedule portion_pause { SumStats::process_epoch_result(ss, now, data) };
    else if (ss?$epoch_finished)
        ss$epoch_finished(now);
}

function end_epoch(ss: SumStat) {
    if (ss$name !in result_store || ! ss?$epoch_result)
        return;

    local data = result_store[ss$name];
    local now = network_time();

    if (|data| > 0 && ! zeek_is_terminating())
        event SumStats::process_epoch_result(ss, now, copy(data));
    else {
        # Nothing to hand on, or no time to do it in portions.
        for (key, result in data)
            ss$epoch_result(now, key, result);

        if (ss?$epoch_finished)
            ss$epoch_finished(now);
    }

    reset(ss);

    if (ss$epoch != 0secs)
        schedule ss$epoch { SumStats::finish_epoch(ss) };
}

event SumStats::finish_epoch(ss: SumStat) {
    # At the end, zeek_done below does this, and must not find it done.
    if (! zeek_is_terminating())
        end_epoch(ss);
}

# The last epoch ends early. Before the user's own handlers, which may use what comes of it.
event zeek_done() &priority=10 {
    for (_, ss in stats_store)
        if (ss$epoch != 0secs)
            end_epoch(ss);
}
