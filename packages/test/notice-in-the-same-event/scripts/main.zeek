##! A notice about each name of a host of the harbour, raised in the event in which the site's own
##! scripts raise theirs about the same name.

@load base/frameworks/notice
@load base/protocols/dns

module SameEvent;

export {
    redef enum Notice::Type += { Harbour_Host };
}

event dns_A_reply(c: connection, msg: dns_msg, ans: dns_answer, a: addr) {
    if (a in 10.80.0.0/24)
        NOTICE(Notice::Info($note=Harbour_Host, $conn=c, $msg=fmt("%s is %s", ans$query, a),
            $identifier=cat(ans$query, a)));
}
