# The operator knows the domain.
#
# @TEST-EXEC: zeek -r $TRACES/tunnel.pcap $PACKAGE %INPUT
# @TEST-EXEC: test ! -e dns_tunnel_score.log
# @TEST-EXEC: test ! -e notice.log

redef DNSTunnelScore::ignored_domains += { "harbour.test" };
