##! Peers and topics under their older names. The host does the talking: there is nothing to listen
##! on or to connect to from here, and the options about that have no effect. Topics are those of
##! Cluster.

module Broker;

export {
    const default_port = 9999/tcp &redef;
    ## Not taken from the environment: a compartment listens nowhere, the host connects it.
    const default_listen_address = "" &redef;
    const default_listen_retry = 1sec &redef;
    const default_connect_retry = 1sec &redef;
    const disable_ssl = F &redef;
    const ssl_cafile = "" &redef;
    const ssl_capath = "" &redef;
    const ssl_certificate = "" &redef;
    const ssl_passphrase = "" &redef;
    const ssl_keyfile = "" &redef;
    const forward_messages = F &redef;
    const max_threads = 1 &redef;
    const peer_buffer_size = 8192 &redef;
    const peer_overflow_policy = "drop_oldest" &redef;
    const buffer_stats_reset_interval = 1min &redef;
    const log_batch_size = 400 &redef;
    const log_batch_interval = 1sec &redef;
    option peer_counts_as_iosource = T;

    const default_log_topic_prefix = "zeek/logs/" &redef;
    global default_log_topic: function(id: Log::ID, path: string): string;
    const log_topic: function(id: Log::ID, path: string): string = default_log_topic &redef;

    type ErrorCode: enum {
        UNSPECIFIED = 1,
        PEER_INCOMPATIBLE = 2,
        PEER_INVALID = 3,
        PEER_UNAVAILABLE = 4,
        PEER_DISCONNECT_DURING_HANDSHAKE = 5,
        PEER_TIMEOUT = 6,
        MASTER_EXISTS = 7,
        NO_SUCH_MASTER = 8,
        NO_SUCH_KEY = 9,
        REQUEST_TIMEOUT = 10,
        TYPE_CLASH = 11,
        INVALID_DATA = 12,
        BACKEND_FAILURE = 13,
        STALE_DATA = 14,
        CAF_ERROR = 100,
    };

    type PeerStatus: enum { INITIALIZING, CONNECTING, CONNECTED, PEERED, DISCONNECTED, RECONNECTING };

    type NetworkInfo: record {
        address: string &log;
        bound_port: port &log;
    };

    type EndpointInfo: record {
        id: string;
        network: NetworkInfo &optional;
    };

    type PeerInfo: record {
        peer: EndpointInfo;
        status: PeerStatus;
        is_outbound: bool;
    };

    type PeerInfos: vector of PeerInfo;

    ## An event and its arguments, as `make_event` makes it and `publish` takes it.
    type Event: record {
        name: string &optional;
        args: vector of any;
    };

    ## A value of any type: `as` and `is` look into it.
    type Data: record {
        data: any &optional;
    };
    global data: function(d: any): Data;

    # Nobody comes and goes that way here, but scripts handle these.
    global peer_added: event(endpoint: EndpointInfo, msg: string);
    global peer_removed: event(endpoint: EndpointInfo, msg: string);
    global peer_lost: event(endpoint: EndpointInfo, msg: string);
    global endpoint_discovered: event(endpoint: EndpointInfo, msg: string);
    global endpoint_unreachable: event(endpoint: EndpointInfo, msg: string);
    global status: event(endpoint: EndpointInfo, msg: string);
    global error: event(code: ErrorCode, msg: string);

    ## Port 0: not listening.
    global listen: function(a: string &default=default_listen_address, p: port &default=default_port,
        retry: interval &default=default_listen_retry): port;
    global peer: function(a: string, p: port &default=default_port,
        retry: interval &default=default_connect_retry): bool;
    global unpeer: function(a: string, p: port): bool;
    global is_outbound_peering: function(a: string, p: port): bool;
    global peers: function(): vector of PeerInfo;
    global peering_stats: function(): table[string] of BrokerPeeringStats;
    global node_id: function(): string;
    global flush_logs: function(): count;

    global subscribe: function(topic_prefix: string): bool;
    global unsubscribe: function(topic_prefix: string): bool;
    ## The same as subscribing, for messages of others; the host does that where it is wanted.
    global forward: function(topic_prefix: string): bool;
    ## Gone from current releases, but called by scripts: publishes an event whenever it is raised.
    global auto_publish: function(topic: string, ev: any): bool;
    global auto_unpublish: function(topic: string, ev: any): bool;
}

function data(d: any): Data {
    return d is Data ? (d as Data) : Data($data=d);
}

function default_log_topic(id: Log::ID, path: string): string {
    return string_cat(default_log_topic_prefix, cat(id));
}

function listen(a: string &default=default_listen_address, p: port &default=default_port,
        retry: interval &default=default_listen_retry): port {
    return 0/tcp;
}

function peer(a: string, p: port &default=default_port,
        retry: interval &default=default_connect_retry): bool {
    return F;
}

function unpeer(a: string, p: port): bool {
    return F;
}

function is_outbound_peering(a: string, p: port): bool {
    return F;
}

function peers(): vector of PeerInfo {
    return vector();
}

function peering_stats(): table[string] of BrokerPeeringStats {
    return table();
}

function node_id(): string {
    return Cluster::node;
}

function flush_logs(): count {
    return 0;
}

function subscribe(topic_prefix: string): bool {
    return Cluster::subscribe(topic_prefix);
}

function unsubscribe(topic_prefix: string): bool {
    return Cluster::unsubscribe(topic_prefix);
}

function forward(topic_prefix: string): bool {
    return T;
}

function auto_publish(topic: string, ev: any): bool {
    return F;
}

function auto_unpublish(topic: string, ev: any): bool {
    return F;
}
