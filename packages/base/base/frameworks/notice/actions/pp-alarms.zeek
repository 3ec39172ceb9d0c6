##! The alarm log as text for people, mailed at each rotation.

@load ../main
@load ../mail
@load ./add-geodata

module Notice;

export {
    const pretty_print_alarms = T &redef;
    ## Empty: `mail_dest`.
    const mail_dest_pretty_printed = "" &redef;
    ## Alarms about these networks get a mark.
    global flag_nets: set[subnet] &redef;
    global pretty_print_alarm: function(out: file, n: Info) &redef;
    ## Write the text even while reading traces or without anybody to mail it to.
    global force_email_summaries = F &redef;
}

const summary_name = "alarm-mail.txt";
global summary: file;
global summary_is_open = F;

function summaries_are_wanted(): bool {
    if (force_email_summaries)
        return T;

    return pretty_print_alarms && ! reading_traces()
        && (mail_dest != "" || mail_dest_pretty_printed != "");
}

function send_summary(info: Log::RotationInfo): bool {
    if (! summaries_are_wanted() || ! summary_is_open)
        return T;

    write_file(summary, "\n\n--\n[Automatically generated]\n\n");
    close(summary);
    summary_is_open = F;

    local dest = mail_dest_pretty_printed != "" ? mail_dest_pretty_printed : mail_dest;

    if (dest == "")
        return T;

    local subject = fmt("Alarm summary from %s-%s", strftime("%H:%M:%S", info$open),
        strftime("%H:%M:%S", info$close));
    local header_name = string_cat(summary_name, ".tmp");
    local header = open(header_name);
    write_file(header, string_cat(email_headers(subject, dest), "\n"));
    close(header);

    system(fmt("/bin/cat %s %s | %s -t -oi && /bin/rm -f %s %s", header_name, summary_name, sendmail,
        header_name, summary_name));
    return T;
}

event zeek_init() {
    if (summaries_are_wanted())
        Log::add_filter(ALARM_LOG, Log::Filter($name="alarm-mail", $writer=Log::WRITER_NONE,
            $interv=Log::default_mail_alarms_interval, $postprocessor=send_summary));
}

hook notice(n: Notice::Info) &priority=-5 {
    if (ACTION_ALARM !in n$actions || ! summaries_are_wanted())
        return;

    if (! summary_is_open) {
        summary = open(summary_name);
        summary_is_open = T;
    }

    pretty_print_alarm(summary, n);
}

# Four lines, the third and fourth only if there is something to say.
function print_alarm(out: file, n: Info, who: string, names: string) {
    local hosts_flagged = F;

    if (n?$id)
        hosts_flagged = n$id$orig_h in flag_nets || n$id$resp_h in flag_nets;
    else if (n?$src)
        hosts_flagged = n$src in flag_nets || (n?$dst && n$dst in flag_nets);

    local country = n?$remote_location && n$remote_location?$country_code
        ? fmt(" (remote location %s)", n$remote_location$country_code) : "";
    local node = ! Cluster::is_enabled() ? ""
        : n?$peer_descr ? fmt("<%s> ", n$peer_descr)
        : n?$peer_name ? fmt("<%s> ", n$peer_name) : "<local> ";

    print out, fmt(">%s %D %s %s%s", hosts_flagged ? ">" : " ", network_time(), n$note, who, country);
    print out, fmt("   %s%s", node, n$msg);

    if (n?$sub)
        print out, fmt("   %s", n$sub);

    if (names != "")
        print out, names;

    print out, "";
}

function name_line(host: addr, name: string): string {
    return fmt("   # %s = %s", host, name);
}

function pretty_print_alarm(out: file, n: Info) {
    local hosts: vector of addr = vector();
    local who = "";

    if (n?$id) {
        hosts = vector(n$id$orig_h, n$id$resp_h);
        who = fmt("%s:%s -> %s:%s", n$id$orig_h, n$id$orig_p, n$id$resp_h, n$id$resp_p);
    }
    else if (n?$src && n?$dst) {
        hosts = vector(n$src, n$dst);
        who = fmt("%s -> %s", n$src, n$dst);
    }
    else if (n?$src) {
        hosts = vector(n$src);
        who = n?$p ? fmt("%s:%s", n$src, n$p) : cat(n$src);
    }

    if (n?$uid)
        who = fmt("%s (uid %s)", who, n$uid);

    if (|hosts| == 0) {
        print_alarm(out, n, who, "");
        return;
    }

    local other = |hosts| > 1 ? hosts[1] : hosts[0];
    local first = hosts[0];

    if (reading_traces()) {
        local skipped = name_line(first, "<skipped>");
        print_alarm(out, n, who, other == first ? skipped : fmt("%s  %s = <skipped>", skipped, other));
        return;
    }

    # Names only for live traffic, and only while somebody waits for them.
    when [out, n, who, first, other] (local name = lookup_addr(first)) {
        when [out, n, who, first, other, name] (local other_name = lookup_addr(other)) {
            print_alarm(out, n, who, fmt("%s  %s = %s", name_line(first, name), other, other_name));
        }
        timeout 5secs {
            print_alarm(out, n, who, name_line(first, name));
        }
    }
    timeout 5secs {
        print_alarm(out, n, who, name_line(first, "(dns timeout)"));
    }
}
