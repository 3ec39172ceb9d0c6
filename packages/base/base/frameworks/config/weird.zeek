##! The sampling of weirds is done by the engine, which has to be told of changes.

@load ./main

module Config;

function pass_on_set(ID: string, value: string_set, location: string): string_set {
    Reporter::set_weird_sampling_whitelist(value);
    return value;
}

function pass_on_threshold(ID: string, value: count, location: string): count {
    Reporter::set_weird_sampling_threshold(value);
    return value;
}

function pass_on_rate(ID: string, value: count, location: string): count {
    Reporter::set_weird_sampling_rate(value);
    return value;
}

function pass_on_duration(ID: string, value: interval, location: string): interval {
    Reporter::set_weird_sampling_duration(value);
    return value;
}

event zeek_init() &priority=5 {
    Option::set_change_handler("Weird::sampling_whitelist", pass_on_set, 5);
    Option::set_change_handler("Weird::sampling_threshold", pass_on_threshold, 5);
    Option::set_change_handler("Weird::sampling_rate", pass_on_rate, 5);
    Option::set_change_handler("Weird::sampling_duration", pass_on_duration, 5);
}
