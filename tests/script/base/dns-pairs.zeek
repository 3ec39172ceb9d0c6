# Queries and answers find each other by transaction ID; who stays alone is logged at the end.
function header(id: count, is_reply: bool, answers: count): dns_msg {
    return dns_msg($id=id, $opcode=0, $rcode=0, $QR=is_reply, $AA=F, $TC=F, $RD=T, $RA=is_reply, $Z=0, $AD=F, $CD=F,
        $num_queries=1, $num_answers=answers, $num_auth=0, $num_addl=0, $is_netbios=F);
}

function query(c: connection, id: count, name: string) {
    event dns_message(c, T, header(id, F, 0), 30);
    event dns_request(c, header(id, F, 0), name, 1, 1, name);
    event dns_end(c, header(id, F, 0));
}

function reply(c: connection, id: count, name: string, a: addr) {
    local msg = header(id, T, 1);
    local ans = dns_answer($answer_type=DNS_ANS, $query=name, $qtype=1, $qclass=1, $TTL=5min);
    event dns_message(c, F, msg, 60);
    event dns_A_reply(c, msg, ans, a);
    event dns_end(c, msg);
}

event DNS::log_dns(rec: DNS::Info) {
    print rec$trans_id, rec?$query ? rec$query : "-", rec?$answers ? rec$answers : vector(), rec?$rcode_name ? rec$rcode_name : "-";
}

function to_server(server: addr): connection {
    return connection($id=conn_id($orig_h=10.0.0.1, $orig_p=1/udp, $resp_h=server, $resp_p=53/udp),
        $orig=endpoint($size=0, $state=1, $flow_label=0), $resp=endpoint($size=0, $state=1, $flow_label=0),
        $start_time=double_to_time(1.0), $duration=2sec, $service=set(), $history="Dd", $uid="C1");
}

event zeek_init() {
    local c = to_server(10.0.0.2);
    event new_connection(c);
    query(c, 1, "one.test");
    query(c, 2, "two.test");
    query(c, 2, "two-again.test");
    query(c, 3, "three.test");
    reply(c, 2, "two.test", 10.2.2.2); # expect: 2, two.test, [10.2.2.2], NOERROR
    reply(c, 1, "one.test", 10.1.1.1); # expect: 1, one.test, [10.1.1.1], NOERROR
    reply(c, 9, "nine.test", 10.9.9.9);
    reply(c, 2, "two-again.test", 10.2.2.3); # expect: 2, two-again.test, [10.2.2.3], NOERROR
    query(c, 9, "nine.test"); # expect: 9, nine.test, [10.9.9.9], NOERROR
    event connection_state_remove(c); # expect: 3, three.test, [], -

    # Multicast: each message for itself.
    query(to_server(224.0.0.251), 0, "printer.local"); # expect: 0, printer.local, [], -
}
