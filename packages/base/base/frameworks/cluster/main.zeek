##! The cluster as scripts see it. A script that runs alone finds `is_enabled` false and publishes
##! into the void; that is what most scripts ask for.

@load base/frameworks/logging
@load ./types

module Cluster;

export {
    redef enum Log::ID += { LOG };

    type Info: record {
        ts: time;
        node: string;
        message: string;
    } &log;

    global log_policy: Log::PolicyHook;

    ## Our name in `nodes`; empty without a cluster. The host sets it.
    const node = "" &redef;
    const nodes: table[string] of Node = {} &redef;
    ## Without a logger, the manager takes the logs.
    const manager_is_logger = T &redef;
    const enable_round_robin_logging = T &redef;
    const retry_interval = 1sec &redef;

    # Topics that all nodes of a kind listen to, and the beginnings of those that one node does.
    const logger_topic = "zeek/cluster/logger" &redef;
    const manager_topic = "zeek/cluster/manager" &redef;
    const proxy_topic = "zeek/cluster/proxy" &redef;
    const worker_topic = "zeek/cluster/worker" &redef;
    const broadcast_topics: set[string] = { logger_topic, manager_topic, proxy_topic, worker_topic };
    const node_topic_prefix = "zeek/cluster/node/" &redef;
    const nodeid_topic_prefix = "zeek/cluster/nodeid/" &redef;

    global is_enabled: function(): bool;
    ## NONE without a cluster.
    global local_node_type: function(): NodeType;
    global local_node_metrics_port: function(): port;
    global get_node_count: function(node_type: NodeType): count;
    ## Only nodes that are up.
    global get_active_node_count: function(node_type: NodeType): count;
    global nodes_with_type: function(node_type: NodeType): vector of NamedNode;

    global node_topic: function(name: string): string &redef;
    global nodeid_topic: function(id: string): string &redef;
    ## An empty name if nobody has that id.
    global nodeid_to_node: function(id: string): NamedNode;
    global node_id: function(): string &redef;

    ## A line in cluster.log.
    global log: function(msg: string);

    ## A node introduces itself.
    global hello: event(name: string, id: string);
    global node_up: event(name: string, id: string);
    global node_down: event(name: string, id: string);

    global subscribe: function(topic: string): bool;
    global unsubscribe: function(topic: string): bool;
}

global active_ids: table[NodeType] of set[string];

function is_enabled(): bool {
    return node != "";
}

function local_node_type(): NodeType {
    return node in nodes ? nodes[node]$node_type : NONE;
}

function local_node_metrics_port(): port {
    return node in nodes && nodes[node]?$metrics_port ? nodes[node]$metrics_port : 0/unknown;
}

function nodes_with_type(node_type: NodeType): vector of NamedNode {
    local found: vector of NamedNode = vector();

    for (name, n in nodes)
        if (n$node_type == node_type)
            found += NamedNode($name=name, $node=n);

    return sort(found, function(a: NamedNode, b: NamedNode): int { return strcmp(a$name, b$name); });
}

function get_node_count(node_type: NodeType): count {
    return |nodes_with_type(node_type)|;
}

function get_active_node_count(node_type: NodeType): count {
    return node_type in active_ids ? |active_ids[node_type]| : 0;
}

function node_topic(name: string): string {
    return string_cat(node_topic_prefix, name, "/");
}

function nodeid_topic(id: string): string {
    return string_cat(nodeid_topic_prefix, id, "/");
}

function node_id(): string {
    return node;
}

function nodeid_to_node(id: string): NamedNode {
    for (name, n in nodes)
        if (n?$id && n$id == id)
            return NamedNode($name=name, $node=n);

    return NamedNode($name="", $node=Node($node_type=NONE, $ip=0.0.0.0));
}

function subscribe(topic: string): bool {
    return __subscribe(topic);
}

function unsubscribe(topic: string): bool {
    return __unsubscribe(topic);
}

function log(msg: string) {
    Log::write(LOG, Info($ts=network_time(), $node=node, $message=msg));
}

event hello(name: string, id: string) &priority=10 {
    if (name !in nodes) {
        Reporter::error(fmt("Got Cluster::hello msg from unexpected node: %s", name));
        return;
    }

    local n = nodes[name];

    if (! n?$id)
        event Cluster::node_up(name, id);
    else if (n$id != id)
        Reporter::error(fmt("Got Cluster::hello msg from duplicate node:%s", name));

    n$id = id;
    log(fmt("got hello from %s (%s)", name, id));

    if (n$node_type !in active_ids)
        active_ids[n$node_type] = set();

    add active_ids[n$node_type][id];
}

event node_down(name: string, id: string) &priority=10 {
    local gone = nodeid_to_node(id);

    if (gone$name == "") {
        Reporter::error(fmt("No node found in Cluster::node_down() node:%s id:%s", name, id));
        return;
    }

    log(fmt("node down: %s", gone$name));
    delete nodes[gone$name]$id;

    if (gone$node$node_type in active_ids)
        delete active_ids[gone$node$node_type][id];
}

event zeek_init() &priority=5 {
    Log::create_stream(LOG, Log::Stream($columns=Info, $path="cluster", $policy=log_policy));

    if (is_enabled() && node !in nodes) {
        Reporter::error(fmt("'%s' is not a valid node in the Cluster::nodes configuration", node));
        terminate();
    }
}
