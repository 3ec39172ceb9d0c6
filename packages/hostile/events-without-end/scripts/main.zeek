module EventsWithoutEnd;

export {
    global ping: event(n: count);
}

event ping(n: count) {
    event EventsWithoutEnd::ping(n + 1);
    event EventsWithoutEnd::ping(n + 2);
}

event new_connection(c: connection) {
    event EventsWithoutEnd::ping(0);
}
