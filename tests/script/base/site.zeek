# What is ours.
redef Site::local_nets += { 203.0.113.128/25, 8.8.8.0/24 };
redef Site::local_zones += { "harbour.test" };
redef Site::local_admins += { [10.0.0.0/8] = set("ten@harbour.test"), [10.1.0.0/16] = set("one@harbour.test") };

event zeek_init() {
    print Site::is_local_addr(8.8.8.8), Site::is_local_addr(9.9.9.9), Site::is_local_addr(192.168.1.1); # expect: T, F, T
    print Site::is_private_addr(10.1.2.3), Site::is_private_addr(8.8.8.8); # expect: T, F
    print Site::local_nets_table[8.8.8.8]; # expect: 8.8.8.0/24
    print Site::is_local_name("www.harbour.test"), Site::is_local_name("harbour.test"), Site::is_local_name("myharbour.test"); # expect: T, T, F
    print Site::get_emails(10.2.0.1); # expect: ten@harbour.test
    print |split_string(Site::get_emails(10.1.0.1), /, /)|; # expect: 2
    print Site::get_emails(192.168.0.1) == ""; # expect: T

    local out: conn_id = [$orig_h=10.0.0.1, $orig_p=1/tcp, $resp_h=9.9.9.9, $resp_p=2/tcp];
    print id_matches_direction(out, OUTBOUND), id_matches_direction(out, INBOUND), id_matches_direction(out, BIDIRECTIONAL); # expect: T, F, T
    print addr_matches_host(10.0.0.1, LOCAL_HOSTS), addr_matches_host(9.9.9.9, LOCAL_HOSTS), addr_matches_host(9.9.9.9, ALL_HOSTS), addr_matches_host(9.9.9.9, NO_HOSTS); # expect: T, F, T, F

    # A change of the private space shows in the local networks at once.
    Option::set("Site::private_address_space", set(10.0.0.0/8, 8.8.4.0/24));
    print Site::is_local_addr(192.168.1.1), Site::is_local_addr(8.8.4.4), Site::is_local_addr(8.8.8.8); # expect: F, T, T
}
