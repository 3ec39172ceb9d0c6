# From NOTICE to the hook that acts: fields filled in, policy, suppression.
redef enum Notice::Type += { Tide, Ignored };
redef Notice::ignored_types += { Ignored };
redef Notice::alarmed_types += { Tide };

hook Notice::notice(n: Notice::Info) {
    print n$note, n$msg, Notice::ACTION_LOG in n$actions, Notice::ACTION_ALARM in n$actions;
}

event Notice::suppressed(n: Notice::Info) {
    print "suppressed", n$msg;
}

event zeek_init() {
    NOTICE([$note=Tide, $msg="first", $identifier="x"]); # expect: Tide, first, T, T
    NOTICE([$note=Tide, $msg="again", $identifier="x"]);
    NOTICE([$note=Tide, $msg="other", $identifier="y"]); # expect: Tide, other, T, T
    NOTICE([$note=Ignored, $msg="quiet"]); # expect: Ignored, quiet, F, F

    local id: conn_id = [$orig_h=10.0.0.1, $orig_p=1/udp, $resp_h=10.0.0.2, $resp_p=53/udp];
    local n = Notice::Info($note=Tide, $id=id, $msg="with a connection");
    Notice::apply_policy(n);
    print n$src, n$dst, n$p, n$proto, n$suppress_for; # expect: 10.0.0.1, 10.0.0.2, 53/udp, udp, 1.0 hr
    # expect: suppressed, again
}
