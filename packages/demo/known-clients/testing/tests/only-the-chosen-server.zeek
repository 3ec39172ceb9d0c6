# Nobody connects to this one: no log.
#
# @TEST-EXEC: zeek -r $TRACES/three-clients.pcap $PACKAGE %INPUT
# @TEST-EXEC: test ! -e known_clients.log

redef KnownClients::server = 10.80.0.9;
