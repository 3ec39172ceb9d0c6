##! The site of the integration tests: what an operator's local.zeek loads, and settings that make it
##! raise notices for demo.pcap.

@load site/local

# Every name in the capture is outside of these.
redef Site::local_zones += { "wharf.test" };
