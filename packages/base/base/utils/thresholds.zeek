##! Telling a number only when it crosses one of a row of thresholds.

module GLOBAL;

export {
    type TrackCount: record {
        ## The number.
        n: count &default=0;
        ## The threshold to cross next.
        index: count &default=0;
    };

    const default_notice_thresholds: vector of count = {
        30, 100, 1000, 10000, 100000, 1000000, 10000000,
    } &redef;

    ## Whether `n` has reached the next threshold of `v`; if so, the one after is next.
    global check_threshold: function(v: vector of count, tracker: TrackCount): bool;
    ## The same with `default_notice_thresholds`.
    global default_check_threshold: function(tracker: TrackCount): bool;
}

function new_track_count(): TrackCount {
    return TrackCount();
}

function check_threshold(v: vector of count, tracker: TrackCount): bool {
    local crossed = tracker$index < |v| && tracker$n >= v[tracker$index];

    if (crossed)
        ++tracker$index;

    return crossed;
}

function default_check_threshold(tracker: TrackCount): bool {
    return check_threshold(default_notice_thresholds, tracker);
}
