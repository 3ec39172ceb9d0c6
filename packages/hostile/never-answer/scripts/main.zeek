event get_file_handle(tag: Analyzer::Tag, c: connection, is_orig: bool) {
    local n = 0;

    while (T)
        ++n;
}

event file_new(f: fa_file) {
    local n = 0;

    while (T)
        ++n;

    Files::add_analyzer(f, Files::ANALYZER_MD5);
}

event file_sniff(f: fa_file, meta: fa_metadata) {
    local n = 0;

    while (T)
        ++n;
}
