##! What runs unless the operator asks for nothing (`-b`).

@load base/utils/addrs
@load base/utils/conn-ids
@load base/utils/directions-and-hosts
@load base/utils/files
@load base/utils/hash_hrw
@load base/utils/numbers
@load base/utils/paths
@load base/utils/patterns
@load base/utils/queue
@load base/utils/site
@load base/utils/strings
@load base/utils/thresholds
@load base/utils/time

@load base/frameworks/notice
@load base/frameworks/analyzer
@load base/frameworks/packet-filter
@load base/frameworks/cluster
@load base/frameworks/reporter
@load base/frameworks/tunnels

@load base/protocols/conn
@load base/protocols/dns
@load base/protocols/http

@load base/files/hash
@load base/files/extract
