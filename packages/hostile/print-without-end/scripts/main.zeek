event new_connection(c: connection) {
    while (T)
        print "the quick brown fox jumps over the lazy dog";
}
