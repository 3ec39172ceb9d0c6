event connection_state_remove(c: connection) {
    local n = 0;

    while (T)
        ++n;
}
