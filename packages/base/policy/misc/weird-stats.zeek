##! weird_stats.log: how often each kind of weird occurred, those included that were not reported
##! because of sampling.

@load base/frameworks/sumstats

module WeirdStats;

export {
    redef enum Log::ID += { LOG };

    type Info: record {
        ts: time &log;
        name: string &log;
        num_seen: count &log;
    };

    global log_weird_stats: event(rec: Info);
    global log_policy: Log::PolicyHook;

    const weird_stat_interval = 15min &redef;
}

# Totals as of this epoch and the one before.
global now_seen: table[string] of double = table();
global then_seen: table[string] of double = table();

function take_result(ts: time, key: SumStats::Key, result: SumStats::Result) {
    now_seen[key$str] = result["weirds.encountered"]$sum;
}

function log_results(ts: time) {
    for (name, total in now_seen) {
        local more = name in then_seen ? total - then_seen[name] : total;

        if (more > 0.0)
            Log::write(LOG, Info($ts=ts, $name=name, $num_seen=double_to_count(more)));
    }

    then_seen = now_seen;
    now_seen = table();
}

event zeek_init() &priority=5 {
    Log::create_stream(LOG, Log::Stream($columns=Info, $ev=log_weird_stats, $path="weird_stats",
        $policy=log_policy));

    SumStats::create(SumStats::SumStat($name="weirds.statistics", $epoch=weird_stat_interval,
        $reducers=set(SumStats::Reducer($stream="weirds.encountered", $apply=set(SumStats::SUM))),
        $epoch_result=take_result, $epoch_finished=log_results));
}

module SumStats;

# Just before the epoch is closed.
event SumStats::finish_epoch(ss: SumStat) &priority=10 {
    if (ss$name != "weirds.statistics")
        return;

    for (name, total in get_reporter_stats()$weirds_by_type)
        observe("weirds.encountered", Key($str=name), Observation($dbl=total + 0.0));
}
