# A store in the script's own memory.
event zeek_init() {
    local store = Broker::create_master("names");
    print (Broker::put_unique(store, 10.0.0.1, "one")$result as bool); # expect: T
    print (Broker::put_unique(store, 10.0.0.1, "two")$result as bool); # expect: F
    print (Broker::get(store, 10.0.0.1)$result as string); # expect: one
    print Broker::get(store, 10.0.0.2)$status; # expect: Broker::FAILURE
    Broker::increment(store, "n", 5);
    Broker::increment(store, "n");
    Broker::decrement(store, "n", 2);
    print (Broker::get(store, "n")$result as count); # expect: 4
    print (Broker::exists(store, 1)$result as bool), (Broker::exists(store, "n")$result as bool); # expect: F, T
    Broker::erase(store, "n");
    print (Broker::exists(store, "n")$result as bool); # expect: F

    # The same store under the same name.
    local clone = Broker::create_clone("names");
    print (Broker::get(clone, 10.0.0.1)$result as string); # expect: one
    Broker::close(store);
    print Broker::get(store, 10.0.0.1)$status, Broker::is_closed(clone); # expect: Broker::FAILURE, T

    local info = Cluster::create_store("shared");
    print info$master, (Broker::put_unique(info$store, "k", T)$result as bool); # expect: T, T
}
