# Each threshold is told of once.
event zeek_init() {
    local tracker = new_track_count();
    local told: vector of count = vector();

    while (tracker$n < 1200) {
        ++tracker$n;

        if (default_check_threshold(tracker))
            told += tracker$n;
    }

    print told; # expect: [30, 100, 1000]
}
