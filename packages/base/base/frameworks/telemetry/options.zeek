##! Where metrics are to be had. The host serves them for all its processes; these names are here for
##! scripts that set or read them.

module Telemetry;

export {
    const metrics_address = getenv("ZEEK_DEFAULT_LISTEN_ADDRESS") &redef;
    const metrics_port = 0/unknown &redef;
    const metrics_endpoint_label = "node" &redef;
    const metrics_endpoint_name = "" &redef;
}
