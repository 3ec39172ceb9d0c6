##! signatures.log: matches of signatures, and notices about them as `actions` says.
##!
##! Besides single matches it watches for one host that sets off a signature at many others
##! (horizontal), or many signatures at one (vertical).

@load base/frameworks/notice

module Signatures;

export {
    redef enum Notice::Type += {
        ## A match.
        Sensitive_Signature,
        ## A host set off many signatures at one other.
        Multiple_Signatures,
        ## A host set off a signature at many others.
        Multiple_Sig_Responders,
        ## A signature matched many times at one responder.
        Count_Signature,
        ## Matches of SIG_SUMMARY, counted.
        Signature_Summary,
    };

    redef enum Log::ID += { LOG };

    type Action: enum {
        SIG_IGNORE,
        ## Count for scans, but do not log.
        SIG_QUIET,
        SIG_LOG,
        ## Log, but do not count for scans.
        SIG_FILE_BUT_NO_SCAN,
        # Log and raise a notice: each time, the first time per originator, the first time.
        SIG_ALARM,
        SIG_ALARM_PER_ORIG,
        SIG_ALARM_ONCE,
        ## Raise a notice when a responder's count reaches one of `count_thresholds`.
        SIG_COUNT_PER_RESP,
        ## Raise one notice per originator after `summary_interval`.
        SIG_SUMMARY,
    };

    type Info: record {
        ts: time &log;
        uid: string &log &optional;
        ## Whoever sent what matched.
        src_addr: addr &log &optional;
        src_port: port &log &optional;
        dst_addr: addr &log &optional;
        dst_port: port &log &optional;
        note: Notice::Type &log;
        sig_id: string &log &optional;
        event_msg: string &log &optional;
        ## What matched, or more about it.
        sub_msg: string &log &optional;
        sig_count: count &log &optional;
        host_count: count &log &optional;
    };

    global log_signature: event(rec: Info);
    global log_policy: Log::PolicyHook;

    ## By name of the signature.
    global actions: table[string] of Action = {
        ["unspecified"] = SIG_IGNORE,
    } &redef &default=SIG_ALARM;

    ## Names to be ignored.
    option ignored_ids = /NO_DEFAULT_MATCHES/;

    const horiz_scan_thresholds: set[count] = { 5, 10, 50, 100, 500, 1000 } &redef;
    const vert_scan_thresholds: set[count] = { 5, 10, 50, 100, 500, 1000 } &redef;
    const count_thresholds: set[count] = { 5, 10, 50, 100, 500, 1000, 10000, 1000000 } &redef;

    option summary_interval = 1day;
}

const longest_excerpt = 140;

# Responders by originator and signature; signatures by originator and responder; and the number
# that was told of last.
global horizontal: table[addr, string] of addr_set &read_expire=1hr;
global vertical: table[addr, addr] of string_set &read_expire=1hr;
global told_horizontal: table[addr] of count &default=0 &read_expire=1hr;
global told_vertical: table[addr] of count &default=0 &read_expire=1hr;

global matches_at: table[addr, string] of count &default=0 &read_expire=1hr;
global matches_from: table[addr, string] of count &default=0 &read_expire=1hr;
global alarmed_once: set[string] &read_expire=1hr;

event zeek_init() &priority=5 {
    Log::create_stream(LOG, Log::Stream($columns=Info, $ev=log_signature, $path="signatures", $policy=log_policy));
}

event sig_summary(orig: addr, id: string, msg: string) {
    NOTICE(Notice::Info($note=Signature_Summary, $src=orig, $msg=fmt("%s: %s", orig, msg),
        $n=matches_from[orig, id]));
}

function watch_for_horizontal_scan(orig: addr, resp: addr, sig_id: string, msg: string) {
    if ([orig, sig_id] !in horizontal)
        horizontal[orig, sig_id] = set();

    add horizontal[orig, sig_id][resp];
    local hosts = |horizontal[orig, sig_id]|;

    if (hosts !in horiz_scan_thresholds || hosts == told_horizontal[orig])
        return;

    told_horizontal[orig] = hosts;

    local what = fmt("%s has triggered signature %s on %d hosts", orig, sig_id, hosts);
    Log::write(LOG, Info($ts=network_time(), $note=Multiple_Sig_Responders, $src_addr=orig,
        $sig_id=sig_id, $event_msg=msg, $host_count=hosts, $sub_msg=what));
    NOTICE(Notice::Info($note=Multiple_Sig_Responders, $src=orig, $msg=msg, $n=hosts, $sub=what));
}

function watch_for_vertical_scan(orig: addr, resp: addr, sig_id: string) {
    if ([orig, resp] !in vertical)
        vertical[orig, resp] = set();

    add vertical[orig, resp][sig_id];
    local ids = |vertical[orig, resp]|;

    if (ids !in vert_scan_thresholds || ids == told_vertical[orig])
        return;

    told_vertical[orig] = ids;

    local brief = fmt("%s different signatures triggered", ids);
    local what = fmt("%s has triggered %d different signatures on host %s", orig, ids, resp);
    Log::write(LOG, Info($ts=network_time(), $note=Multiple_Signatures, $src_addr=orig, $dst_addr=resp,
        $sig_id=sig_id, $sig_count=ids, $event_msg=brief, $sub_msg=what));
    NOTICE(Notice::Info($note=Multiple_Signatures, $src=orig, $dst=resp, $msg=brief, $n=ids, $sub=what));
}

# Does what the action asks for and answers whether the match itself is worth a notice.
function deserves_notice(action: Action, state: signature_state, msg: string): bool {
    local sig_id = state$sig_id;
    local orig = state$conn$id$orig_h;
    local resp = state$conn$id$resp_h;

    switch (action) {
    case SIG_ALARM:
        return T;
    case SIG_ALARM_PER_ORIG:
        return ++matches_from[orig, sig_id] == 1;
    case SIG_ALARM_ONCE:
        if (sig_id in alarmed_once)
            return F;

        add alarmed_once[sig_id];
        return T;
    case SIG_SUMMARY:
        if (++matches_from[orig, sig_id] == 1)
            schedule summary_interval { sig_summary(orig, sig_id, msg) };

        return F;
    case SIG_COUNT_PER_RESP:
        local matches = ++matches_at[resp, sig_id];

        if (matches in count_thresholds)
            NOTICE(Notice::Info($note=Count_Signature, $conn=state$conn, $msg=msg, $n=matches,
                $sub=fmt("%d matches of signature %s on host %s", matches, sig_id, resp)));

        return F;
    default:
        return F;
    }
}

event signature_match(state: signature_state, msg: string, data: string) {
    local sig_id = state$sig_id;
    local action = actions[sig_id];

    if (action == SIG_IGNORE || ignored_ids in sig_id)
        return;

    local excerpt = |data| > longest_excerpt ? fmt("%s...", sub_bytes(data, 0, longest_excerpt)) : data;
    local id = state$conn$id;
    local src = state$is_orig ? id$orig_h : id$resp_h;
    local dst = state$is_orig ? id$resp_h : id$orig_h;
    local text = fmt("%s: %s", src, msg);

    if (action != SIG_QUIET && action != SIG_COUNT_PER_RESP)
        Log::write(LOG, Info($ts=network_time(), $note=Sensitive_Signature, $uid=state$conn$uid,
            $src_addr=src, $src_port=state$is_orig ? id$orig_p : id$resp_p,
            $dst_addr=dst, $dst_port=state$is_orig ? id$resp_p : id$orig_p,
            $event_msg=text, $sig_id=sig_id, $sub_msg=excerpt));

    if (deserves_notice(action, state, msg))
        NOTICE(Notice::Info($note=Sensitive_Signature, $conn=state$conn, $src=src, $dst=dst, $msg=text,
            $sub=excerpt));

    if (action == SIG_FILE_BUT_NO_SCAN || action == SIG_SUMMARY)
        return;

    watch_for_horizontal_scan(id$orig_h, id$resp_h, sig_id, msg);
    watch_for_vertical_scan(id$orig_h, id$resp_h, sig_id);
}
