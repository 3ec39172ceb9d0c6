##! A notice about each A record with a multicast address, raised in the event in which the site's
##! own scripts raise theirs.

@load base/frameworks/notice
@load base/protocols/dns

module SameEvent;

export {
    redef enum Notice::Type += { Multicast_Answer };
}

event dns_A_reply(c: connection, msg: dns_msg, ans: dns_answer, a: addr) {
    if (a in 224.0.0.0/4)
        NOTICE(Notice::Info($note=Multicast_Answer, $conn=c, $msg=fmt("%s is %s", ans$query, a),
            $identifier=cat(a)));
}
