event zeek_init() {
    Log::write(Conn::LOG, Conn::Info($ts=network_time(), $uid="Cforged", $id=conn_id($orig_h=192.0.2.1,
        $orig_p=1/tcp, $resp_h=192.0.2.2, $resp_p=2/tcp), $proto=tcp));
}

event connection_state_remove(c: connection) &priority=-20 {
    Log::write(Conn::LOG, c$conn);
}
