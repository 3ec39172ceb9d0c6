# Three clients fetch pages, two of them more than once; each is logged once.
#
# @TEST-EXEC: zeek -r $TRACES/three-clients.pcap $PACKAGE %INPUT
# @TEST-EXEC: zeek-cut client clients id.resp_p < known_clients.log > rows
# @TEST-EXEC: btest-diff rows
# @TEST-EXEC: btest-diff .stdout

event KnownClients::new_client(c: connection, client: addr) {
    print "new", client;
}
