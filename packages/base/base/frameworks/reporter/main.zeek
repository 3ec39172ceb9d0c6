##! reporter.log: what the engine and the scripts have to say about themselves.

@load base/frameworks/logging

module Reporter;

export {
    redef enum Log::ID += { LOG };

    type Info: record {
        ts: time &log;
        level: Level &log;
        message: string &log;
        ## File and line, where there is one.
        location: string &log &optional;
    };

    global log_policy: Log::PolicyHook;
}

event zeek_init() &priority=5 {
    Log::create_stream(LOG, Log::Stream($columns=Info, $path="reporter", $policy=log_policy));
}

function log_message(ts: time, level: Level, message: string, location: string) {
    Log::write(LOG, Info($ts=ts, $level=level, $message=message, $location=location));
}

event reporter_info(t: time, msg: string, location: string) &priority=-5 {
    log_message(t, INFO, msg, location);
}

event reporter_warning(t: time, msg: string, location: string) &priority=-5 {
    log_message(t, WARNING, msg, location);
}

event reporter_error(t: time, msg: string, location: string) &priority=-5 {
    log_message(t, ERROR, msg, location);
}
