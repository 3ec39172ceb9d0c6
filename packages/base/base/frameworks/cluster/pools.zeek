##! Pools of nodes that share work: by the hash of a key, or in turns.

@load ./main
@load base/utils/hash_hrw

module Cluster;

export {
    type PoolNode: record {
        name: string;
        ## What `site_id` is the hash of.
        alias: string;
        site_id: count;
        alive: bool &default=F;
        topic: string;
    };

    type PoolSpec: record {
        ## Names the pool.
        topic: string;
        node_type: Cluster::NodeType;
        max_nodes: count &optional;
        ## Its nodes are in no other pool.
        exclusive: bool &default=F;
    };

    type PoolNodeTable: table[string] of PoolNode;
    type RoundRobinTable: table[string] of int;

    type Pool: record {
        spec: PoolSpec &default=PoolSpec($topic="", $node_type=Cluster::NONE);
        nodes: PoolNodeTable &default=PoolNodeTable();
        node_list: vector of PoolNode &default=vector();
        hrw_pool: HashHRW::Pool &default=HashHRW::Pool();
        ## Whose turn it was last, by key.
        rr_key_seq: RoundRobinTable &default=RoundRobinTable();
        alive_count: count &default=0;
    };

    global proxy_pool_spec: PoolSpec =
        PoolSpec($topic="zeek/cluster/pool/proxy", $node_type=Cluster::PROXY) &redef;
    global worker_pool_spec: PoolSpec =
        PoolSpec($topic="zeek/cluster/pool/worker", $node_type=Cluster::WORKER) &redef;
    global logger_pool_spec: PoolSpec =
        PoolSpec($topic="zeek/cluster/pool/logger", $node_type=Cluster::LOGGER) &redef;

    global proxy_pool: Pool;
    global worker_pool: Pool;
    global logger_pool: Pool;

    global register_pool: function(spec: PoolSpec): Pool;

    # The topic of the node that a key belongs to, or whose turn it is; empty if none is alive.
    global hrw_topic: function(pool: Pool, key: any): string;
    global rr_topic: function(pool: Pool, key: string &default=""): string;
    global rr_log_topic: function(id: Log::ID, path: string): string;
}

global registered_pools: vector of Pool = vector();

function register_pool(spec: PoolSpec): Pool {
    local pool = Pool($spec=spec);
    registered_pools += pool;
    return pool;
}

function hrw_topic(pool: Pool, key: any): string {
    if (|pool$hrw_pool$sites| == 0)
        return "";

    local site = HashHRW::get_site(pool$hrw_pool, key);
    local pn = site$user_data as PoolNode;
    return pn$topic;
}

function rr_topic(pool: Pool, key: string &default=""): string {
    if (|pool$node_list| == 0 || pool$alive_count == 0)
        return "";

    if (key !in pool$rr_key_seq)
        pool$rr_key_seq[key] = 0;

    local at: count = int_to_count(pool$rr_key_seq[key]);
    local tried = 0;

    while (tried < |pool$node_list|) {
        local pn = pool$node_list[at];
        at = (at + 1) % |pool$node_list|;
        ++tried;

        if (pn$alive) {
            pool$rr_key_seq[key] = at;
            return pn$topic;
        }
    }

    return "";
}

function rr_log_topic(id: Log::ID, path: string): string {
    return rr_topic(logger_pool, fmt("log_%s_%s", id, path));
}

function has_site_id(pool: Pool, site_id: count): bool {
    for (_, pn in pool$nodes)
        if (pn$site_id == site_id)
            return T;

    return F;
}

function init_pool_node(pool: Pool, name: string) {
    if (name in pool$nodes)
        return;

    # Another alias if the hash is taken.
    local attempt = 0;
    local alias = fmt("%s.%d", name, attempt);

    while (has_site_id(pool, fnv1a32(alias)))
        alias = fmt("%s.%d", name, ++attempt);

    local pn = PoolNode($name=name, $alias=alias, $site_id=fnv1a32(alias), $alive=Cluster::node == name,
        $topic=node_topic(name));
    pool$nodes[name] = pn;
    pool$node_list += pn;

    if (pn$alive)
        ++pool$alive_count;
}

function set_alive(pool: Pool, name: string, alive: bool) {
    if (name !in pool$nodes)
        return;

    local pn = pool$nodes[name];
    local site = HashHRW::Site($id=pn$site_id, $user_data=pn);

    if (alive) {
        if (! pn$alive)
            ++pool$alive_count;

        HashHRW::add_site(pool$hrw_pool, site);
    }
    else {
        if (pn$alive)
            --pool$alive_count;

        HashHRW::rem_site(pool$hrw_pool, site);
    }

    pn$alive = alive;
}

event Cluster::node_up(name: string, id: string) &priority=10 {
    for (_, pool in registered_pools)
        set_alive(pool, name, T);
}

event Cluster::node_down(name: string, id: string) &priority=10 {
    for (_, pool in registered_pools)
        set_alive(pool, name, F);
}

event zeek_init() {
    worker_pool = register_pool(worker_pool_spec);
    proxy_pool = register_pool(proxy_pool_spec);
    logger_pool = register_pool(logger_pool_spec);
}

# Exclusive pools take their nodes off the front of the list; the others share the rest in turns.
event zeek_init() &priority=-5 {
    if (! is_enabled())
        return;

    sort(registered_pools, function(a: Pool, b: Pool): int { return strcmp(a$spec$topic, b$spec$topic); });

    local eligible: table[NodeType] of vector of NamedNode = table();

    for (node_type in set(WORKER, PROXY, LOGGER))
        eligible[node_type] = nodes_with_type(node_type);

    if (manager_is_logger)
        for (_, manager in nodes_with_type(MANAGER)) {
            eligible[LOGGER] += manager;
            break;
        }

    local taken: table[NodeType] of count = table() &default=0;

    for (_, pool in registered_pools) {
        if (! pool$spec$exclusive)
            next;

        local kind = pool$spec$node_type;

        if (! pool$spec?$max_nodes)
            Reporter::fatal("Cluster::PoolSpec 'max_nodes' field must be set when using the 'exclusive' flag");

        if (taken[kind] + pool$spec$max_nodes > |eligible[kind]|)
            Reporter::fatal(fmt("not enough %s nodes to satisfy pool exclusivity requirements", kind));

        local wanted = pool$spec$max_nodes;

        while (wanted > 0) {
            init_pool_node(pool, eligible[kind][taken[kind]]$name);
            ++taken[kind];
            --wanted;
        }
    }

    local turn: table[NodeType] of count = table() &default=0;

    for (_, pool in registered_pools) {
        if (pool$spec$exclusive)
            next;

        local shared_kind = pool$spec$node_type;
        local rest = |eligible[shared_kind]| - taken[shared_kind];
        local share = pool$spec?$max_nodes ? min_count(pool$spec$max_nodes, rest) : rest;
        local done = 0;

        while (done < share) {
            local index = taken[shared_kind] + turn[shared_kind] % rest;
            init_pool_node(pool, eligible[shared_kind][index]$name);
            ++turn[shared_kind];
            ++done;
        }
    }
}
