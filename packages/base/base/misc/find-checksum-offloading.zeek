##! Says so when so many checksums are wrong that it must be the capture: packets were taken before
##! the network card filled them in.

module ChecksumOffloading;

export {
    const check_interval = 10secs &redef;
}

# Of all packets, from when on it is no accident; and how many it takes to say.
const suspicious_share = 0.05;
const enough_packets = 20;

global bad: table[string] of count = { ["IP"] = 0, ["TCP"] = 0, ["UDP"] = 0 };
global has_said_so = F;

event ChecksumOffloading::check() {
    if (has_said_so)
        return;

    local packets = get_net_stats()$pkts_recvd;
    local kinds: string_vec = vector();
    local is_suspicious = F;

    for (_, kind in vector("IP", "TCP", "UDP")) {
        if (packets == 0 || bad[kind] == 0)
            next;

        kinds += kind;

        if (bad[kind] * 1.0 / packets > suspicious_share)
            is_suspicious = T;
    }

    if (is_suspicious) {
        has_said_so = T;
        Reporter::warning(fmt("Your %s invalid %s checksums, most likely from NIC checksum offloading.  By default, packets with invalid checksums are discarded by Zeek unless using the -C command-line option or toggling the 'ignore_checksums' variable.  Alternatively, disable checksum offloading by the network adapter to ensure Zeek analyzes the actual checksums that are transmitted.",
            reading_traces() ? "trace file likely has" : "interface is likely receiving",
            join_string_vec(kinds, " and ")));
    }
    else if (packets < enough_packets)
        schedule check_interval { ChecksumOffloading::check() };
}

event zeek_init() {
    schedule check_interval { ChecksumOffloading::check() };
}

event net_weird(name: string, addl: string, source: string) {
    if (name == "bad_IP_checksum")
        ++bad["IP"];
}

event conn_weird(name: string, c: connection, addl: string, source: string) {
    if (name == "bad_TCP_checksum")
        ++bad["TCP"];
    else if (name == "bad_UDP_checksum")
        ++bad["UDP"];
}

event zeek_done() {
    event ChecksumOffloading::check();
}
