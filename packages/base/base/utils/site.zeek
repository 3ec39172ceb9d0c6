##! What is ours and what is not: local networks, neighbours, zones, and who looks after them.

@load ./patterns

module Site;

export {
    ## Addresses that nobody can reach from the Internet (the special-purpose registries of IANA).
    ## Each IPv4 block is followed by the same block as a 6to4 prefix (RFC 3056).
    option private_address_space: set[subnet] = {
        0.0.0.0/8, [2002::]/24,                         # RFC 791, this network
        10.0.0.0/8, [2002:a00::]/24,                    # RFC 1918
        100.64.0.0/10, [2002:6440::]/26,                # RFC 6598, carrier-grade NAT
        127.0.0.0/8, [2002:7f00::]/24,                  # RFC 1122, loopback
        169.254.0.0/16, [2002:a9fe::]/32,               # RFC 3927, link-local
        172.16.0.0/12, [2002:ac10::]/28,                # RFC 1918
        192.0.0.0/24, [2002:c000::]/40,                 # RFC 6890, protocol assignments
        192.0.2.0/24, [2002:c000:200::]/40,             # RFC 5737, documentation
        192.168.0.0/16, [2002:c0a8::]/32,               # RFC 1918
        198.18.0.0/15, [2002:c612::]/31,                # RFC 2544, benchmarks
        198.51.100.0/24, [2002:c633:6400::]/40,         # RFC 5737
        203.0.113.0/24, [2002:cb00:7100::]/40,          # RFC 5737
        224.0.0.0/24, [2002:e000::]/40,                 # RFC 5771, local multicast
        239.0.0.0/8, [2002:ef00::]/24,                  # RFC 2365, administratively scoped multicast
        240.0.0.0/4, [2002:f000::]/20,                  # RFC 1112, reserved
        255.255.255.255/32, [2002:ffff:ffff::]/48,      # RFC 919, broadcast
        [::]/128, [::1]/128,                            # RFC 4291, unspecified and loopback
        [64:ff9b:1::]/48,                               # RFC 8215, translation for local use
        [100::]/64,                                     # RFC 6666, discard
        [2001::]/23,                                    # RFC 2928, protocol assignments
        [2001:2::]/48,                                  # RFC 5180, benchmarks
        [2001:db8::]/32,                                # RFC 3849, documentation
        [fc00::]/7,                                     # RFC 4193, unique local
        [fe80::]/10,                                    # RFC 4291, link-local
        [fec0::]/10,                                    # RFC 3879, site-local of old
    };

    ## Our networks.
    option local_nets: set[subnet] = {};
    ## Count `private_address_space` among them.
    const private_address_space_is_local = T &redef;
    ## Looks up the network in `local_nets` that an address is in.
    global local_nets_table: table[subnet] of subnet = {};

    option neighbor_nets: set[subnet] = {};
    ## E-mail addresses of those in charge, by network.
    option local_admins: table[subnet] of set[string] = {};
    ## DNS zones of ours, e.g. "example.org".
    option local_zones: set[string] = {};
    option neighbor_zones: set[string] = {};

    global is_local_addr: function(a: addr): bool;
    global is_neighbor_addr: function(a: addr): bool;
    global is_private_addr: function(a: addr): bool;
    ## Whether a name is in `local_zones`, or is one of them.
    global is_local_name: function(name: string): bool;
    global is_neighbor_name: function(name: string): bool;
    ## All addresses of `local_admins` that are in charge of `a`, separated by commas.
    global get_emails: function(a: addr): string;
}

global local_name_pattern: pattern = /MATCH_NOTHING/;
global neighbor_name_pattern: pattern = /MATCH_NOTHING/;

# While the private space itself is being changed, the handler of local_nets must not put the old
# one back.
global merge_private_space = T;

function is_local_addr(a: addr): bool {
    return a in local_nets;
}

function is_neighbor_addr(a: addr): bool {
    return a in neighbor_nets;
}

function is_private_addr(a: addr): bool {
    return a in private_address_space;
}

function is_local_name(name: string): bool {
    return local_name_pattern in name;
}

function is_neighbor_name(name: string): bool {
    return neighbor_name_pattern in name;
}

function get_emails(a: addr): string {
    if (a !in local_admins)
        return "";

    local found: set[string] = set();

    # Every network that holds the address, the widest first.
    local longest = is_v4_addr(a) ? 32 : 128;
    local width = 1;

    while (width <= longest) {
        local net = mask_addr(a, width);

        if (net in local_admins)
            for (email in local_admins[net])
                if (email != "")
                    add found[email];

        ++width;
    }

    return join_string_set(found, ", ");
}

# A pattern for names that are one of `zones` or end in a dot and one of them.
function zone_pattern(zones: set[string]): pattern {
    return set_to_regex(zones, "(^\\.?|\\.)(~~)$");
}

function on_local_zones(id: string, zones: set[string]): set[string] {
    local_name_pattern = zone_pattern(zones);
    return zones;
}

function on_neighbor_zones(id: string, zones: set[string]): set[string] {
    neighbor_name_pattern = zone_pattern(zones);
    return zones;
}

function on_local_nets(id: string, nets: set[subnet]): set[subnet] {
    local all_nets = private_address_space_is_local && merge_private_space
        ? nets | private_address_space : nets;

    local_nets_table = {};

    for (net in all_nets)
        local_nets_table[net] = net;

    return all_nets;
}

function on_private_space(id: string, space: set[subnet]): set[subnet] {
    local gone = private_address_space - space;
    local nets = local_nets | private_address_space;
    nets = nets - gone;
    nets = nets | space;

    merge_private_space = F;
    # A change of ours that config.log need not tell; whoever changed the space is told there.
    Option::set("Site::local_nets", nets, "<skip-config-log>");
    merge_private_space = T;

    return space;
}

event zeek_init() &priority=10 {
    # Below the default, so that handlers of the operator's come first and ours see what they decide.
    Option::set_change_handler("Site::local_nets", on_local_nets, -5);
    Option::set_change_handler("Site::local_zones", on_local_zones, -5);
    Option::set_change_handler("Site::neighbor_zones", on_neighbor_zones, -5);

    if (private_address_space_is_local) {
        Option::set_change_handler("Site::private_address_space", on_private_space, -5);
        on_private_space("Site::private_address_space", private_address_space);
    }

    on_local_nets("Site::local_nets", local_nets);
    on_local_zones("Site::local_zones", local_zones);
    on_neighbor_zones("Site::neighbor_zones", neighbor_zones);
}
