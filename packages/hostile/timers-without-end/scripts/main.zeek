module TimersWithoutEnd;

export {
    global tick: event(n: count);
}

event tick(n: count) {
    schedule 0sec { TimersWithoutEnd::tick(n + 1) };
    schedule 0sec { TimersWithoutEnd::tick(n + 2) };
}

event new_connection(c: connection) {
    schedule 0sec { TimersWithoutEnd::tick(0) };
}
