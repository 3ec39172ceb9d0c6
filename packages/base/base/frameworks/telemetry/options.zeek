##! Where metrics are to be had. The host serves them for all its processes; these names are here for
##! scripts that set or read them.

module Telemetry;

export {
    ## Not taken from the environment: a compartment listens nowhere.
    const metrics_address = "" &redef;
    const metrics_port = 0/unknown &redef;
    const metrics_endpoint_label = "node" &redef;
    const metrics_endpoint_name = "" &redef;
}
