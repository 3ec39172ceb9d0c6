##! known_hosts.log: each host that completed a TCP handshake, once a day.

@load base/frameworks/cluster
@load base/utils/directions-and-hosts

module Known;

export {
    redef enum Log::ID += { HOSTS_LOG };

    type HostsInfo: record {
        ts: time &log;
        host: addr &log;
    };

    global log_known_hosts: event(rec: HostsInfo);
    global log_policy_hosts: Log::PolicyHook;

    option host_tracking = LOCAL_HOSTS;

    ## Keep the hosts in a store of this name instead, which a cluster shares.
    const use_host_store = F &redef;
    const host_store_name = "zeek/known/hosts" &redef;
    const host_store_expiry = 1day &redef;
    option host_store_timeout = 15sec;
    global host_broker_store: Cluster::StoreInfo;

    ## Hosts seen within a day.
    global hosts: set[addr] &create_expire=1day &redef;

    global host_found: event(info: HostsInfo);
    global known_host_add: event(info: HostsInfo);
}

event zeek_init() &priority=5 {
    Log::create_stream(HOSTS_LOG, Log::Stream($columns=HostsInfo, $ev=log_known_hosts,
        $path="known_hosts", $policy=log_policy_hosts));
}

event zeek_init() {
    if (use_host_store)
        host_broker_store = Cluster::create_store(host_store_name);
}

event known_host_add(info: HostsInfo) {
    if (use_host_store || info$host in hosts)
        return;

    add hosts[info$host];

    # In a cluster the proxy that the host belongs to writes.
    if (! Cluster::is_enabled() || Cluster::local_node_type() == Cluster::PROXY)
        Log::write(HOSTS_LOG, info);
}

function put_into_store(info: HostsInfo) {
    when [info] (local r = Broker::put_unique(host_broker_store$store, info$host, T, host_store_expiry)) {
        if (r$status != Broker::SUCCESS)
            Reporter::error(fmt("%s: data store put_unique failure", host_store_name));
        else if (r$result as bool)
            Log::write(HOSTS_LOG, info);
    }
    timeout host_store_timeout {
        # It may or may not have been new. Twice is better than never.
        Log::write(HOSTS_LOG, info);
    }
}

event host_found(info: HostsInfo) {
    if (use_host_store) {
        put_into_store(info);
        return;
    }

    if (info$host in hosts)
        return;

    Cluster::publish_hrw(Cluster::proxy_pool, info$host, Known::known_host_add, info);
    event Known::known_host_add(info);
}

# Keys belong to other proxies now; let them be told again.
function forget_hosts() {
    if (! use_host_store && Cluster::local_node_type() == Cluster::WORKER)
        clear_table(hosts);
}

event Cluster::node_up(name: string, id: string) {
    forget_hosts();
}

event Cluster::node_down(name: string, id: string) {
    forget_hosts();
}

event connection_established(c: connection) &priority=5 {
    if (c$orig$state != TCP_ESTABLISHED || c$resp$state != TCP_ESTABLISHED)
        return;

    for (host in set(c$id$orig_h, c$id$resp_h))
        if (addr_matches_host(host, host_tracking))
            event Known::host_found(HostsInfo($ts=network_time(), $host=host));
}
