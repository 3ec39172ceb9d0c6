# Alone there is no cluster, and scripts that ask find that out.
event zeek_init() &priority=-10 {
    print Cluster::is_enabled(), Cluster::local_node_type(), Cluster::node == ""; # expect: F, Cluster::NONE, T
    print Cluster::get_node_count(Cluster::WORKER), Cluster::get_active_node_count(Cluster::WORKER); # expect: 0, 0
    print Cluster::node_topic("worker-1"); # expect: zeek/cluster/node/worker-1/
    print Cluster::rr_topic(Cluster::proxy_pool) == "", Cluster::hrw_topic(Cluster::proxy_pool, "k") == ""; # expect: T, T
}
