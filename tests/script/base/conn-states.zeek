# What conn.log calls it, by the states of both sides.
function made(orig: count, resp: count, history: string): connection {
    return connection($id=conn_id($orig_h=10.0.0.1, $orig_p=1/tcp, $resp_h=10.0.0.2, $resp_p=80/tcp, $proto=6),
        $orig=endpoint($size=0, $state=orig, $flow_label=0), $resp=endpoint($size=0, $state=resp, $flow_label=0),
        $start_time=double_to_time(1.0), $duration=2sec, $service=set(), $history=history, $uid="C1");
}

event Conn::log_conn(rec: Conn::Info) {
    print rec$conn_state, rec?$service ? rec$service : "-", rec$local_orig, rec$ip_proto;
}

function removed(c: connection, service: string) {
    event new_connection(c);

    if (service != "")
        add c$service[service];

    event connection_state_remove(c);
}

event zeek_init() {
    removed(made(TCP_SYN_SENT, TCP_INACTIVE, "S"), ""); # expect: S0, -, T, 6
    removed(made(TCP_ESTABLISHED, TCP_ESTABLISHED, "ShA"), "HTTP"); # expect: S1, http, T, 6
    removed(made(TCP_CLOSED, TCP_CLOSED, "ShADadFf"), "HTTP"); # expect: SF, http, T, 6
    removed(made(TCP_SYN_SENT, TCP_RESET, "Sr"), ""); # expect: REJ, -, T, 6
    removed(made(TCP_CLOSED, TCP_ESTABLISHED, "ShAF"), ""); # expect: S2, -, T, 6
    removed(made(TCP_ESTABLISHED, TCP_CLOSED, "ShAf"), ""); # expect: S3, -, T, 6
    removed(made(TCP_RESET, TCP_ESTABLISHED, "ShAR"), ""); # expect: RSTO, -, T, 6
    removed(made(TCP_ESTABLISHED, TCP_RESET, "ShAr"), ""); # expect: RSTR, -, T, 6
    removed(made(TCP_RESET, TCP_INACTIVE, "SR"), ""); # expect: RSTOS0, -, T, 6
    removed(made(TCP_RESET, TCP_INACTIVE, "AR"), ""); # expect: OTH, -, T, 6
    removed(made(TCP_INACTIVE, TCP_RESET, "hr"), ""); # expect: RSTRH, -, T, 6
    removed(made(TCP_CLOSED, TCP_INACTIVE, "SF"), ""); # expect: SH, -, T, 6
    removed(made(TCP_INACTIVE, TCP_CLOSED, "hf"), ""); # expect: SHR, -, T, 6
}
