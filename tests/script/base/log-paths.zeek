# How a stream without a path is called.
module HTTPStats;
export { redef enum Log::ID += { LOG, SLOW_LOG }; }
module Plain;
export { redef enum Log::ID += { LOG, Other }; }
module TwoWords;
export { redef enum Log::ID += { LOG }; }

event zeek_init() {
    print Log::default_path_func(HTTPStats::LOG, "", 0); # expect: httpstats
    print Log::default_path_func(HTTPStats::SLOW_LOG, "", 0); # expect: httpstats_slow
    print Log::default_path_func(Plain::LOG, "", 0); # expect: plain
    print Log::default_path_func(Plain::Other, "", 0); # expect: plain_other
    print Log::default_path_func(TwoWords::LOG, "", 0); # expect: two_words
    print Log::default_path_func(Plain::LOG, "own", 0); # expect: own
}
