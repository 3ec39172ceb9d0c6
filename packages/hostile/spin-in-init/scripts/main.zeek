event zeek_init() {
    local n = 0;

    while (T)
        ++n;
}
