##! Holding a row back while more about it is found out.
##!
##! From a `log_stream_policy` hook, `delay` keeps the row until `delay_finish` is called as often or
##! the stream's `max_delay_interval` is over; only then do filters see it.

@load ./main

module Log;

export {
    type DelayToken: opaque of LogDelayToken;

    ## Called when the delay ends; `F` drops the row.
    type PostDelayCallback: function(rec: any, id: ID): bool;

    global empty_post_delay_cb: PostDelayCallback;
    global delay: function(id: ID, rec: any,
        post_delay_cb: PostDelayCallback &default=empty_post_delay_cb): DelayToken;
    global delay_finish: function(id: ID, rec: any, token: DelayToken): bool;

    ## The interval can only grow.
    global set_max_delay_interval: function(id: Log::ID, max_delay: interval): bool;
    global set_max_delay_queue_size: function(id: Log::ID, queue_size: count): bool;
    global get_delay_queue_size: function(id: Log::ID): int;
}

function empty_post_delay_cb(rec: any, id: ID): bool {
    return T;
}

function delay(id: ID, rec: any, post_delay_cb: PostDelayCallback &default=empty_post_delay_cb): DelayToken {
    return __delay(id, rec, post_delay_cb);
}

function delay_finish(id: ID, rec: any, token: DelayToken): bool {
    return __delay_finish(id, rec, token);
}

function set_max_delay_interval(id: Log::ID, max_delay: interval): bool {
    if (id !in all_streams)
        return F;

    local stream = all_streams[id];

    if (max_delay > stream$max_delay_interval) {
        if (! __set_max_delay_interval(id, max_delay))
            return F;

        stream$max_delay_interval = max_delay;
    }

    return T;
}

function set_max_delay_queue_size(id: Log::ID, queue_size: count): bool {
    if (id !in all_streams || ! __set_max_delay_queue_size(id, queue_size))
        return F;

    all_streams[id]$max_delay_queue_size = queue_size;
    return T;
}

function get_delay_queue_size(id: Log::ID): int {
    return __get_delay_queue_size(id);
}
