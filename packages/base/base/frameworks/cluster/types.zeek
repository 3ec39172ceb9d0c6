##! What a cluster consists of.

module Cluster;

export {
    type NodeType: enum {
        ## No cluster, or no part of it.
        NONE,
        CONTROL,
        LOGGER,
        MANAGER,
        PROXY,
        WORKER,
    };

    type Node: record {
        node_type: NodeType;
        ip: addr;
        zone_id: string &default="";
        p: port &default=0/unknown;
        ## Name of the manager that it belongs to.
        manager: string &optional;
        ## Set while the node is up.
        id: string &optional;
        metrics_port: port &optional;
    };

    type NamedNode: record {
        name: string;
        node: Node;
    };

    ## An event and its arguments, as `make_event` makes it and `publish` takes it.
    type Event: record {
        ev: any;
        args: vector of any;
    };
}
