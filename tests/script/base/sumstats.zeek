# Reducers, thresholds and the end of an epoch, in one process.
event zeek_init() {
    SumStats::create([$name="ships", $epoch=1hr,
        $reducers=set(SumStats::Reducer($stream="tons", $apply=set(SumStats::SUM, SumStats::MAX, SumStats::MIN,
            SumStats::AVERAGE, SumStats::STD_DEV, SumStats::UNIQUE))),
        $threshold_val=function(key: SumStats::Key, result: SumStats::Result): double {
            return result["tons"]$sum;
        },
        $threshold_series=vector(10.0, 25.0),
        $threshold_crossed=function(key: SumStats::Key, result: SumStats::Result) {
            print fmt("%s crossed at %.0f", key$str, result["tons"]$sum);
        },
        $epoch_result=function(ts: time, key: SumStats::Key, result: SumStats::Result) {
            local r = result["tons"];
            print fmt("%s num=%d sum=%.0f max=%.0f min=%.0f avg=%.2f dev=%.3f unique=%d", key$str, r$num, r$sum,
                r$max, r$min, r$average, r$std_dev, r$unique);
        },
        $epoch_finished=function(ts: time) {
            print "epoch over";
        }]);

    for (_, tons in vector(4, 8, 4, 12)) # expect: Ada crossed at 12
        SumStats::observe("tons", [$str="Ada"], [$num=tons]); # expect: Ada crossed at 28

    # zeek_done ends the epoch.
    # expect: Ada num=4 sum=28 max=12 min=4 avg=7.00 dev=3.830 unique=3
    # expect: epoch over
}
