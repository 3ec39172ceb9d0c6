##! Text of capture filters (pcap-filter(7)).

module PacketFilter;

export {
    ## "tcp and port 80"
    global port_to_bpf: function(p: port): string;
    ## Both filters in brackets with `op` between them; if one is empty, the other one.
    global combine_filters: function(lfilter: string, op: string, rfilter: string): string;
    ## One part in `num_parts` of all address pairs; both directions fall into the same part.
    global sampling_filter: function(num_parts: count, this_part: count): string;
}

function port_to_bpf(p: port): string {
    return fmt("%s and port %d", get_port_transport_proto(p), p);
}

function combine_filters(lfilter: string, op: string, rfilter: string): string {
    if (lfilter == "" || rfilter == "")
        return string_cat(lfilter, rfilter);

    return fmt("(%s) %s (%s)", lfilter, op, rfilter);
}

# BPF has no modulo here; x - n*(x/n) is one. x is the sum of the addresses' last two bytes.
function part_of(protocol: string, sum: string, num_parts: count, this_part: count): string {
    return fmt("%s and ((%s) - (%d*((%s)/%d)) == %d)", protocol, sum, num_parts, sum, num_parts,
        this_part);
}

function sampling_filter(num_parts: count, this_part: count): string {
    return combine_filters(part_of("ip", "ip[14:2]+ip[18:2]", num_parts, this_part), "or",
        part_of("ip6", "ip6[22:2]+ip6[38:2]", num_parts, this_part));
}
