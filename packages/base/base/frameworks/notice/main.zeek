##! Notices: something a person may want to know. Whoever finds it calls NOTICE; the policy hook says
##! what becomes of it; notice.log holds what is to be logged.
##!
##! Order for each notice: `is_being_suppressed`, then `apply_policy` (missing fields, hook `policy`),
##! then hook `notice`, whose last handlers log, mail, and begin to suppress repetitions.

@load base/frameworks/cluster
@load base/frameworks/files
@load base/frameworks/logging

module Notice;

export {
    redef enum Log::ID += {
        LOG,
        ## Only notices with ACTION_ALARM.
        ALARM_LOG,
    };

    ## Kinds of notices. Each script adds its own.
    type Type: enum {
        ## Counts repetitions of others.
        Tally,
    };

    ## What to do with a notice.
    type Action: enum {
        ACTION_NONE,
        ACTION_LOG,
        ## To `mail_dest`.
        ACTION_EMAIL,
        ## To the alarm log, which is mailed as a summary.
        ACTION_ALARM,
        ## Have the offender blocked.
        ACTION_DROP,
    };

    type ActionSet: set[Notice::Action];

    ## How long repetitions of a notice with an identifier are held back.
    option default_suppression_interval = 1hrs;

    type Info: record {
        ts: time &log &optional;
        uid: string &log &optional;
        id: conn_id &log &optional;

        # Short cuts for whoever raises the notice: the fields around are filled in from these.
        conn: connection &optional;
        f: fa_file &optional;

        fuid: string &log &optional;
        file_mime_type: string &log &optional;
        file_desc: string &log &optional;

        proto: transport_proto &log &optional;
        note: Type &log;
        ## For people.
        msg: string &log &optional;
        sub: string &log &optional;

        src: addr &log &optional;
        dst: addr &log &optional;
        p: port &log &optional;
        ## A count or a status code.
        n: count &log &optional;

        peer_name: string &optional;
        ## The node that raised it.
        peer_descr: string &log &optional;

        actions: ActionSet &log &default=ActionSet();
        email_dest: set[string] &log &default=set();
        ## Further text for a mail.
        email_body_sections: vector of string &optional;
        ## While there are any (and for `max_email_delay` at most), the mail waits.
        email_delay_tokens: set[string] &optional;

        ## Two notices of one type and identifier are the same thing again.
        identifier: string &optional;
        ## 0 never suppresses.
        suppress_for: interval &log &default=default_suppression_interval;
    };

    global log_notice: event(rec: Info);
    global log_policy: Log::PolicyHook;
    global log_policy_alarm: Log::PolicyHook;

    # What the standard policy does, by type.
    option ignored_types: set[Notice::Type] = {};
    option emailed_types: set[Notice::Type] = {};
    option alarmed_types: set[Notice::Type] = {};
    option not_suppressed_types: set[Notice::Type] = {};
    const type_suppression_intervals: table[Notice::Type] of interval = {} &redef;

    ## Decides about a notice: handlers change its `actions`, `suppress_for` and so on; `break` keeps
    ## the remaining handlers from doing so.
    global policy: hook(n: Notice::Info);

    ## Acts on a notice after its policy is settled.
    global notice: hook(n: Info);

    ## A notice was held back as a repetition.
    global suppressed: event(n: Notice::Info);
    ## From now on repetitions are held back.
    global begin_suppression: event(ts: time, suppress_for: interval, note: Type, identifier: string);

    ## Raises `suppressed` if so.
    global is_being_suppressed: function(n: Notice::Info): bool;
    ## Fills in missing fields and runs the `policy` hook.
    global apply_policy: function(n: Notice::Info);

    # In a cluster, suppressions travel in batches.
    option suppression_batch_period = 10msec;
    option suppression_batch_max_size = 50;

    ## What a notice says about a file.
    type FileInfo: record {
        fuid: string;
        desc: string;
        mime: string &optional;
        cid: conn_id &optional;
        cuid: string &optional;
    };

    global create_file_info: function(f: fa_file): Notice::FileInfo;
    global populate_file_info: function(f: fa_file, n: Notice::Info);
    global populate_file_info2: function(fi: Notice::FileInfo, n: Notice::Info);
}

module GLOBAL;

## Raises a notice.
function NOTICE(n: Notice::Info) {
    if (Notice::is_being_suppressed(n))
        return;

    Notice::apply_policy(n);
    hook Notice::notice(n);
}

module Notice;

# Until when each is suppressed. The expiry is the interval that is left, entry by entry.
function suppression_left(t: table[Notice::Type, string] of time, note: Notice::Type, identifier: string): interval {
    local left = t[note, identifier] - network_time();
    return left < 0secs ? 0secs : left;
}

global suppressing: table[Type, string] of time = {}
    &create_expire=0secs &expire_func=suppression_left;

event zeek_init() &priority=5 {
    Log::create_stream(LOG, Log::Stream($columns=Info, $ev=log_notice, $path="notice", $policy=log_policy));
    Log::create_stream(ALARM_LOG, Log::Stream($columns=Info, $path="notice_alarm", $policy=log_policy_alarm));
}

function is_being_suppressed(n: Notice::Info): bool {
    if (! n?$identifier || [n$note, n$identifier] !in suppressing)
        return F;

    event Notice::suppressed(n);
    return T;
}

function create_file_info(f: fa_file): Notice::FileInfo {
    local fi = FileInfo($fuid=f$id, $desc=Files::describe(f));

    if (f?$info && f$info?$mime_type)
        fi$mime = f$info$mime_type;

    if (f?$conns)
        for (id, c in f$conns) {
            # Any of them will do.
            fi$cid = id;
            fi$cuid = c$uid;
            break;
        }

    return fi;
}

function populate_file_info(f: fa_file, n: Notice::Info) {
    populate_file_info2(create_file_info(f), n);
}

function populate_file_info2(fi: Notice::FileInfo, n: Notice::Info) {
    if (! n?$fuid)
        n$fuid = fi$fuid;

    if (! n?$file_mime_type && fi?$mime)
        n$file_mime_type = fi$mime;

    n$file_desc = fi$desc;

    if (fi?$cid)
        n$id = fi$cid;

    if (fi?$cuid)
        n$uid = fi$cuid;
}

# From the short cuts to the identity, from there to the single addresses.
function fill_in(n: Notice::Info) {
    if (n?$f)
        populate_file_info(n$f, n);

    if (n?$conn) {
        if (! n?$id)
            n$id = n$conn$id;

        if (! n?$uid)
            n$uid = n$conn$uid;
    }

    if (n?$id) {
        if (! n?$src)
            n$src = n$id$orig_h;

        if (! n?$dst)
            n$dst = n$id$resp_h;

        if (! n?$p)
            n$p = n$id$resp_p;
    }

    if (n?$p)
        n$proto = get_port_transport_proto(n$p);
}

function apply_policy(n: Notice::Info) {
    if (! n?$ts)
        n$ts = network_time();

    if (Cluster::is_enabled()) {
        if (! n?$peer_name)
            n$peer_name = Cluster::node;

        if (! n?$peer_descr)
            n$peer_descr = Cluster::node;
    }

    fill_in(n);

    if (! n?$email_body_sections)
        n$email_body_sections = vector();

    if (! n?$email_delay_tokens)
        n$email_delay_tokens = set();

    hook Notice::policy(n);

    if (! n?$suppress_for)
        n$suppress_for = default_suppression_interval;
}

hook policy(n: Notice::Info) &priority=10 {
    if (n$note in ignored_types)
        break;

    if (n$note in not_suppressed_types)
        n$suppress_for = 0secs;

    if (n$note in alarmed_types)
        add n$actions[ACTION_ALARM];

    if (n$note in emailed_types)
        add n$actions[ACTION_EMAIL];

    if (n$note in type_suppression_intervals)
        n$suppress_for = type_suppression_intervals[n$note];

    add n$actions[ACTION_LOG];
}

hook notice(n: Notice::Info) &priority=-5 {
    if (ACTION_LOG in n$actions)
        Log::write(LOG, n);

    if (ACTION_ALARM in n$actions)
        Log::write(ALARM_LOG, n);

    if (! n?$identifier || n$suppress_for == 0secs || [n$note, n$identifier] in suppressing)
        return;

    suppressing[n$note, n$identifier] = n$ts + n$suppress_for;
    event Notice::begin_suppression(n$ts, n$suppress_for, n$note, n$identifier);
}

event begin_suppression(ts: time, suppress_for: interval, note: Type, identifier: string) {
    suppressing[note, identifier] = ts + suppress_for;
}
