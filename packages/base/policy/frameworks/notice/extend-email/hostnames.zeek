##! Names of the hosts in mails about notices.

@load base/frameworks/notice

module Notice;

# The notice itself, for the bodies of `when`, which see copies of local variables.
global waiting: table[string] of Notice::Info &create_expire=max_email_delay+10secs;

function add_name(uid: string, token: string, what: string, host: addr) {
    add waiting[uid]$email_delay_tokens[token];

    # Without an answer the token stays, and the mail goes out when its delay is over.
    when [uid, token, what, host] (local name = lookup_addr(host)) {
        if (uid in waiting) {
            waiting[uid]$email_body_sections += fmt("%s hostname: %s\n", what, name);
            delete waiting[uid]$email_delay_tokens[token];
        }
    }
}

# After the destination is known, before the mail is sent.
hook notice(n: Notice::Info) &priority=-1 {
    if (|n$email_dest| == 0)
        return;

    local uid = unique_id("");
    waiting[uid] = n;

    if (n?$src)
        add_name(uid, "hostnames-src", "orig/src", n$src);

    if (n?$dst)
        add_name(uid, "hostnames-dst", "resp/dst", n$dst);
}
