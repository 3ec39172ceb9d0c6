##! Looking at a connection again and again while it lives.

module ConnPolling;

export {
    ## Calls `callback` after `i` with the connection as it is then and `cnt`, which grows by one each
    ## time; the answer is the next interval, or negative to stop.
    global watch: function(c: connection,
        callback: function(c: connection, cnt: count): interval, cnt: count, i: interval);
}

event ConnPolling::check(id: conn_id, callback: function(c: connection, cnt: count): interval, cnt: count) {
    if (! connection_exists(id))
        return;

    local c = lookup_connection(id);
    local pause = callback(c, cnt);

    if (pause >= 0secs)
        watch(c, callback, cnt + 1, pause);
}

function watch(c: connection, callback: function(c: connection, cnt: count): interval, cnt: count,
        i: interval) {
    # The identity only: the event must not keep the connection alive.
    local id = c$id;
    schedule i { ConnPolling::check(id, callback, cnt) };
}
