module PublishWithoutEnd;

export {
    global ping: event(n: count, filler: string);
}

event new_connection(c: connection) {
    local n = 0;

    while (T)
        Cluster::publish("hostile/ping", PublishWithoutEnd::ping, ++n, "the quick brown fox");
}
