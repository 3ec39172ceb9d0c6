##! known_services.log: each service on each host, once a day. A port that answers without a protocol
##! that we know is one, too, after some time.

@load base/frameworks/cluster
@load base/utils/directions-and-hosts

module Known;

export {
    redef enum Log::ID += { SERVICES_LOG };

    type ServicesInfo: record {
        ts: time &log;
        host: addr &log;
        port_num: port &log;
        port_proto: transport_proto &log;
        ## Protocols spoken there; the empty one stands for unknown.
        service: set[string] &log;
    };

    global log_known_services: event(rec: ServicesInfo);
    global log_policy_services: Log::PolicyHook;

    option service_tracking = LOCAL_HOSTS;
    ## Over UDP, count only those that answered.
    option service_udp_requires_response = T;

    ## Keep the services in a store of this name instead, which a cluster shares.
    const use_service_store = F &redef;
    const service_store_name = "zeek/known/services" &redef;
    const service_store_expiry = 1day &redef;
    option service_store_timeout = 15sec;
    global service_broker_store: Cluster::StoreInfo;

    ## What the store's keys are.
    type AddrPortServTriplet: record {
        host: addr;
        p: port;
        serv: string;
    };

    ## Services seen within a day.
    global services: table[addr, port] of set[string] &create_expire=1day;

    global service_info_commit: event(info: ServicesInfo);
    global known_service_add: event(info: ServicesInfo);
}

redef record connection += {
    ## The service was reported already.
    known_services_done: bool &default=F;
};

# A protocol may still turn up on another connection.
const patience = 5min;

event zeek_init() &priority=5 {
    Log::create_stream(SERVICES_LOG, Log::Stream($columns=ServicesInfo, $ev=log_known_services,
        $path="known_services", $policy=log_policy_services));
}

event zeek_init() {
    if (use_service_store)
        service_broker_store = Cluster::create_store(service_store_name);
}

# Those of the services that are not known yet.
function unknown_services(info: ServicesInfo): set[string] {
    local unknown: set[string] = set();

    for (s in info$service)
        if ([info$host, info$port_num] !in services || s !in services[info$host, info$port_num])
            add unknown[s];

    return unknown;
}

event known_service_add(info: ServicesInfo) {
    if (use_service_store)
        return;

    local fresh = unknown_services(info);

    if (|fresh| == 0)
        return;

    if ([info$host, info$port_num] !in services)
        services[info$host, info$port_num] = set();

    for (s in fresh)
        add services[info$host, info$port_num][s];

    if (! Cluster::is_enabled() || Cluster::local_node_type() == Cluster::PROXY)
        Log::write(SERVICES_LOG, ServicesInfo($ts=info$ts, $host=info$host, $port_num=info$port_num,
            $port_proto=info$port_proto, $service=fresh));
}

function put_into_service_store(info: ServicesInfo, s: string) {
    local key = AddrPortServTriplet($host=info$host, $p=info$port_num, $serv=s);

    when [info, s, key] (local r = Broker::put_unique(service_broker_store$store, key, T, service_store_expiry)) {
        if (r$status != Broker::SUCCESS)
            Reporter::error(fmt("%s: data store put_unique failure", service_store_name));
        else if (r$result as bool) {
            info$service = set(s);
            Log::write(SERVICES_LOG, info);
        }
    }
    timeout service_store_timeout {
        Log::write(SERVICES_LOG, info);
    }
}

event service_info_commit(info: ServicesInfo) {
    if (use_service_store) {
        for (s in info$service)
            put_into_service_store(info, s);

        return;
    }

    if (|unknown_services(info)| == 0)
        return;

    Cluster::publish_hrw(Cluster::proxy_pool, cat(info$host, info$port_num), Known::known_service_add, info);
    event Known::known_service_add(info);
}

function forget_services() {
    if (! use_service_store && Cluster::local_node_type() == Cluster::WORKER)
        clear_table(services);
}

event Cluster::node_up(name: string, id: string) {
    forget_services();
}

event Cluster::node_down(name: string, id: string) {
    forget_services();
}

function has_answered(c: connection): bool {
    switch (get_port_transport_proto(c$id$resp_p)) {
    case tcp:
        return c$resp$state == TCP_ESTABLISHED || c$resp$state == TCP_CLOSED
            || c$resp$state == TCP_PARTIAL || /h/ in c$history;
    case udp:
        return ! service_udp_requires_response || c$resp$state == UDP_ACTIVE;
    default:
        return F;
    }
}

function report_service(c: connection) {
    if (! addr_matches_host(c$id$resp_h, service_tracking))
        return;

    if (|c$service| == 1) {
        # Its port means nothing.
        if ("ftp-data" in c$service)
            return;

        # A query alone makes no name server.
        if ("DNS" in c$service && c$resp$size == 0)
            return;
    }

    # Too early to tell; the end of the connection will.
    if (! has_answered(c))
        return;

    c$known_services_done = T;

    # A minus sign marks protocols that turned out to be something else.
    local names: set[string] = set();

    for (s in c$service)
        if (! starts_with(s, "-"))
            add names[s];

    local info = ServicesInfo($ts=network_time(), $host=c$id$resp_h, $port_num=c$id$resp_p,
        $port_proto=get_port_transport_proto(c$id$resp_p), $service=names);

    if (|c$service| > 0) {
        event Known::service_info_commit(info);
        return;
    }

    add info$service[""];
    schedule patience { Known::service_info_commit(info) };
}

event analyzer_confirmation_info(atype: AllAnalyzers::Tag, info: AnalyzerConfirmationInfo) &priority=-5 {
    if (info?$c)
        report_service(info$c);
}

event connection_state_remove(c: connection) &priority=-5 {
    if (! c$known_services_done)
        report_service(c);
}
