##! What each type of record looks like in dns.log's answers.

@load ./main

module DNS;

# Updates name the record that they are about, apart from those of NetBIOS.
function address_text(msg: dns_msg, ans: dns_answer, rr_type: string, a: addr): string {
    if (msg$opcode == DNS_OP_DYNAMIC_UPDATE && ! msg$is_netbios)
        return fmt("%s %s %s", rr_type, ans$query, a);

    return cat(a);
}

event dns_A_reply(c: connection, msg: dns_msg, ans: dns_answer, a: addr) &priority=5 {
    hook do_reply(c, msg, ans, address_text(msg, ans, "A", a));
}

event dns_AAAA_reply(c: connection, msg: dns_msg, ans: dns_answer, a: addr) &priority=5 {
    hook do_reply(c, msg, ans, address_text(msg, ans, "AAAA", a));
}

event dns_A6_reply(c: connection, msg: dns_msg, ans: dns_answer, a: addr) &priority=5 {
    hook do_reply(c, msg, ans, address_text(msg, ans, "A6", a));
}

# Each string with its length.
function strings_text(rr_type: string, strs: string_vec): string {
    local parts: string_vec = vector();

    for (_, s in strs)
        parts += fmt("%s %d %s", rr_type, |s|, s);

    return join_string_vec(parts, " ");
}

event dns_TXT_reply(c: connection, msg: dns_msg, ans: dns_answer, strs: string_vec) &priority=5 {
    hook do_reply(c, msg, ans, strings_text("TXT", strs));
}

event dns_SPF_reply(c: connection, msg: dns_msg, ans: dns_answer, strs: string_vec) &priority=5 {
    hook do_reply(c, msg, ans, strings_text("SPF", strs));
}

event dns_NS_reply(c: connection, msg: dns_msg, ans: dns_answer, name: string) &priority=5 {
    hook do_reply(c, msg, ans, name);
}

event dns_CNAME_reply(c: connection, msg: dns_msg, ans: dns_answer, name: string) &priority=5 {
    hook do_reply(c, msg, ans, name);
}

event dns_PTR_reply(c: connection, msg: dns_msg, ans: dns_answer, name: string) &priority=5 {
    hook do_reply(c, msg, ans, name);
}

event dns_MX_reply(c: connection, msg: dns_msg, ans: dns_answer, name: string, preference: count) &priority=5 {
    hook do_reply(c, msg, ans, name);
}

event dns_SRV_reply(c: connection, msg: dns_msg, ans: dns_answer, target: string, priority: count,
        weight: count, p: count) &priority=5 {
    hook do_reply(c, msg, ans, target);
}

event dns_SOA_reply(c: connection, msg: dns_msg, ans: dns_answer, soa: dns_soa) &priority=5 {
    hook do_reply(c, msg, ans, soa$mname);
}

event dns_WKS_reply(c: connection, msg: dns_msg, ans: dns_answer) &priority=5 {
    hook do_reply(c, msg, ans, "");
}

event dns_NAPTR_reply(c: connection, msg: dns_msg, ans: dns_answer, naptr: dns_naptr_rr) &priority=5 {
    # Of these two a record has one.
    local target = naptr$regexp;

    if (|naptr$replacement| > 0)
        target = |target| > 0 ? string_cat(target, " ", naptr$replacement) : naptr$replacement;

    hook do_reply(c, msg, ans, fmt("NAPTR %s %s %s %s %s", naptr$order, naptr$preference, naptr$flags,
        naptr$service, target));
}

event dns_RRSIG(c: connection, msg: dns_msg, ans: dns_answer, rrsig: dns_rrsig_rr) &priority=5 {
    local signer = rrsig$signer_name == "" ? "<Root>" : rrsig$signer_name;
    hook do_reply(c, msg, ans, fmt("RRSIG %s %s", rrsig$type_covered, signer));
}

event dns_DNSKEY(c: connection, msg: dns_msg, ans: dns_answer, dnskey: dns_dnskey_rr) &priority=5 {
    hook do_reply(c, msg, ans, fmt("DNSKEY %s", dnskey$algorithm));
}

event dns_DS(c: connection, msg: dns_msg, ans: dns_answer, ds: dns_ds_rr) &priority=5 {
    hook do_reply(c, msg, ans, fmt("DS %s %s", ds$algorithm, ds$digest_type));
}

event dns_NSEC(c: connection, msg: dns_msg, ans: dns_answer, next_name: string, bitmaps: string_vec) &priority=5 {
    hook do_reply(c, msg, ans, fmt("NSEC %s %s", ans$query, next_name));
}

event dns_NSEC3(c: connection, msg: dns_msg, ans: dns_answer, nsec3: dns_nsec3_rr) &priority=5 {
    hook do_reply(c, msg, ans, "NSEC3");
}

event dns_NSEC3PARAM(c: connection, msg: dns_msg, ans: dns_answer, nsec3param: dns_nsec3param_rr) &priority=5 {
    hook do_reply(c, msg, ans, "NSEC3PARAM");
}

event dns_BINDS(c: connection, msg: dns_msg, ans: dns_answer, binds: dns_binds_rr) &priority=5 {
    hook do_reply(c, msg, ans, "BIND9 signing signal");
}

event dns_SSHFP(c: connection, msg: dns_msg, ans: dns_answer, algo: count, fptype: count,
        fingerprint: string) &priority=5 {
    hook do_reply(c, msg, ans, fmt("SSHFP: %s", bytestring_to_hexstr(fingerprint)));
}

event dns_LOC(c: connection, msg: dns_msg, ans: dns_answer, loc: dns_loc_rr) &priority=5 {
    hook do_reply(c, msg, ans, fmt("LOC:  %d %d %d", loc$size, loc$horiz_pre, loc$vert_pre));
}

event dns_unknown_reply(c: connection, msg: dns_msg, ans: dns_answer) &priority=5 {
    hook do_reply(c, msg, ans, fmt("<unknown type=%s>", ans$qtype));
}

# Dynamic updates, RFC 2136: conditions (section 2.4) and removals (section 2.5).

event dns_dynamic_update_pre(c: connection, msg: dns_msg, ans: dns_answer) &priority=5 {
    local what: string;

    if (ans$qclass == NONE && ans$qtype == ANY)
        what = fmt("NameNotInUse %s", ans$query);
    else if (ans$qclass == ANY && ans$qtype == ANY)
        what = fmt("NameInUse %s", ans$query);
    else
        what = fmt("%s %s %s", ans$qclass == NONE ? "NoRRSet" : "RRSetExists", query_types[ans$qtype], ans$query);

    hook do_reply(c, msg, ans, string_cat("pre: ", what));
}

event dns_dynamic_update_del(c: connection, msg: dns_msg, ans: dns_answer) &priority=5 {
    local what: string;

    if (ans$qclass == ANY && ans$qtype == ANY)
        what = fmt("RRSet * %s", ans$query);
    else if (ans$qclass == NONE)
        what = fmt("RR %s %s", query_types[ans$qtype], ans$query);
    else
        what = fmt("RRSet %s", query_types[ans$qtype]);

    hook do_reply(c, msg, ans, string_cat("del: ", what));
}
