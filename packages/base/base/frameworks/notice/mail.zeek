##! Notices by mail. Nothing is sent while traces are read, nor without `mail_dest`.

@load ./main

module Notice;

export {
    option sendmail = "/usr/sbin/sendmail";
    const mail_dest = "" &redef;
    option mail_from = "Zeek <zeek@localhost>";
    option reply_to = "";
    option mail_subject_prefix = "[Zeek]";
    ## How long a mail waits at most for the delay tokens of its notice.
    const max_email_delay = 15secs &redef;

    ## Mails a notice. With `extend`, its `email_body_sections` go along, and delay tokens are heeded.
    global email_notice_to: function(n: Info, dest: string, extend: bool);
    ## From, Subject, To and so on, without the blank line that ends them.
    global email_headers: function(subject_desc: string, dest: string): string;
    ## Mails a rotated log.
    global log_mailing_postprocessor: function(info: Log::RotationInfo): bool;
}

function email_headers(subject_desc: string, dest: string): string {
    local lines = vector(
        fmt("From: %s", mail_from),
        fmt("Subject: %s %s", mail_subject_prefix, subject_desc),
        fmt("To: %s", dest),
        fmt("User-Agent: Zeek/%s", zeek_version()));

    if (reply_to != "")
        lines += fmt("Reply-To: %s", reply_to);

    return string_cat(join_string_vec(lines, "\n"), "\n");
}

function mail_body(n: Notice::Info, extend: bool): string {
    local lines: vector of string = vector(fmt("Message: %s", n$msg));

    if (n?$sub)
        lines += fmt("Sub-message: %s", n$sub);

    lines += "";

    if (n?$file_desc)
        lines += fmt("File Description: %s", n$file_desc);

    if (n?$file_mime_type)
        lines += fmt("File MIME Type: %s", n$file_mime_type);

    if (n?$file_desc || n?$file_mime_type)
        lines += "";

    if (n?$id) {
        lines += fmt("Connection: %s:%d -> %s:%d", n$id$orig_h, n$id$orig_p, n$id$resp_h, n$id$resp_p);

        if (n?$uid)
            lines += fmt("Connection uid: %s", n$uid);
    }
    else if (n?$src)
        lines += fmt("Address: %s", n$src);

    if (extend) {
        lines += "";
        lines += "Email Extensions";
        lines += "----------------";

        for (_, section in n$email_body_sections)
            lines += section;
    }

    return string_cat(join_string_vec(lines, "\n"), "\n\n\n--\n[Automatically generated]\n\n");
}

event try_mail_again(n: Notice::Info, dest: string, extend: bool) {
    email_notice_to(n, dest, extend);
}

function email_notice_to(n: Notice::Info, dest: string, extend: bool) {
    if (reading_traces() || dest == "")
        return;

    if (extend && n?$email_delay_tokens && |n$email_delay_tokens| > 0) {
        if (network_time() < n$ts + max_email_delay) {
            schedule 1sec { try_mail_again(n, dest, extend) };
            return;
        }

        Reporter::info(fmt("Notice email delay tokens weren't released in time (%s).", n$email_delay_tokens));
    }

    piped_exec(fmt("%s -t -oi", sendmail),
        string_cat(email_headers(cat(n$note), dest), "\n", mail_body(n, extend)));
}

hook notice(n: Notice::Info) {
    if (ACTION_EMAIL in n$actions)
        add n$email_dest[mail_dest];
}

# Before the handler that logs, which has the same purpose and comes right after.
hook notice(n: Notice::Info) &priority=-4 {
    for (dest in n$email_dest)
        email_notice_to(n, dest, T);
}

function log_mailing_postprocessor(info: Log::RotationInfo): bool {
    if (reading_traces() || mail_dest == "")
        return T;

    local header_name = fmt("%s.mailheaders.tmp", info$fname);
    local header_file = open(header_name);
    write_file(header_file, string_cat(email_headers(fmt("Log Contents: %s", info$fname), mail_dest), "\n"));
    close(header_file);

    local names = fmt("%s %s", safe_shell_quote(header_name), safe_shell_quote(info$fname));
    system(fmt("/bin/cat %s | %s -t -oi && /bin/rm %s", names, sendmail, names));
    return T;
}

event zeek_init() &priority=4 {
    if (reading_traces() || mail_dest == "")
        return;

    Log::add_filter(ALARM_LOG, Log::Filter($name="alarm-mail", $path="alarm-mail",
        $writer=Log::WRITER_ASCII, $interv=24hrs, $postprocessor=log_mailing_postprocessor));
}
