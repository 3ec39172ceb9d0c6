# Forty long names of one client: two rows and one notice. The ordinary names beside them: nothing.
#
# @TEST-EXEC: zeek -r $TRACES/tunnel.pcap $PACKAGE
# @TEST-EXEC: zeek-cut client domain score names bytes < dns_tunnel_score.log > rows
# @TEST-EXEC: btest-diff rows
# @TEST-EXEC: zeek-cut note src n msg < notice.log > notices
# @TEST-EXEC: btest-diff notices
