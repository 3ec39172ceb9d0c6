##! Stores that all nodes share, by name.

@load base/frameworks/broker
@load ./main

module Cluster;

export {
    ## Node that holds the data; empty for the manager.
    const default_master_node = "" &redef;
    const default_backend = Broker::MEMORY &redef;
    const default_persistent_backend = Broker::SQLITE &redef;
    const default_store_dir = "" &redef;

    type StoreInfo: record {
        name: string &optional;
        store: Broker::Store &optional;
        master_node: string &default=default_master_node;
        master: bool &default=F;
        backend: Broker::BackendType &default=default_backend;
        options: Broker::BackendOptions &default=Broker::BackendOptions();
        clone_resync_interval: interval &default=Broker::default_clone_resync_interval;
        clone_stale_interval: interval &default=Broker::default_clone_stale_interval;
        clone_mutation_buffer_interval: interval &default=Broker::default_clone_mutation_buffer_interval;
    };

    global stores: table[string] of StoreInfo &default=StoreInfo() &redef;

    global create_store: function(name: string, persistent: bool &default=F): StoreInfo;
}

function create_store(name: string, persistent: bool &default=F): StoreInfo {
    local info = stores[name];

    if (info?$store) {
        Reporter::warning(fmt("duplicate cluster store creation for %s", name));
        return info;
    }

    info$name = name;

    if (persistent && info$backend == Broker::MEMORY)
        info$backend = default_persistent_backend;

    info$store = Broker::create_master(name, info$backend, info$options);
    info$master = ! is_enabled() || local_node_type() == MANAGER || node == info$master_node;
    stores[name] = info;
    return info;
}
