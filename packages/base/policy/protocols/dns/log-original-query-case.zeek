##! The name as it was written in the query, in dns.log.

@load base/protocols/dns

module DNS;

export {
    redef record Info += {
        original_query: string &log &optional;
    };
}

event dns_request(c: connection, msg: dns_msg, query: string, qtype: count, qclass: count,
        original_query: string) &priority=5 {
    if (msg$opcode == DNS_OP_QUERY)
        c$dns$original_query = original_query;
}
