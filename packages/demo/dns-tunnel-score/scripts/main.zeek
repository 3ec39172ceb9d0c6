##! How much the names that a client asks for look like data.

@load base/frameworks/notice
@load base/protocols/dns

module DNSTunnelScore;

export {
    redef enum Log::ID += { LOG };

    redef enum Notice::Type += {
        ## A client's names under a domain look like data.
        Suspected_Tunnel,
    };

    type Info: record {
        ## Of the query that took the score over the threshold.
        ts: time &log;
        uid: string &log;
        id: conn_id &log;
        client: addr &log;
        domain: string &log;
        score: count &log;
        ## Different names under the domain, and what stands before the domain in them, in bytes.
        names: count &log;
        bytes: count &log;
        ## The name that was asked for last.
        sample: string &log;
    };

    ## Scores to be told of.
    option thresholds: vector of count = vector(20, 60, 200, 1000);
    ## What stands before the domain is long from here on.
    option long_name = 30;
    ## Bits per byte from which letters count as random.
    option random_entropy = 3.0;
    option memory = 10min;
    option ignored_domains: set[string] = { "in-addr.arpa", "ip6.arpa" };
    ## Names that are remembered per client and domain; those beyond count as new each time.
    option max_names = 10000;

    global log_policy: Log::PolicyHook;
    global log_dns_tunnel_score: event(rec: Info);
}

type Tally: record {
    score: count &default=0;
    names: count &default=0;
    bytes: count &default=0;
    ## Thresholds that have been reached.
    reached: count &default=0;
    seen: set[string];
};

global tallies: table[addr, string] of Tally &create_expire=memory;

event zeek_init() &priority=5 {
    Log::create_stream(LOG, Log::Stream($columns=Info, $ev=log_dns_tunnel_score,
        $path="dns_tunnel_score", $policy=log_policy));
}

# The name without its domain, and the domain; an empty domain for names of less than three labels.
function split_name(name: string): vector of string {
    local labels = split_string(to_lower(name), /\./);
    local last = |labels|;

    if (last < 3)
        return vector(name, "");

    local domain = fmt("%s.%s", labels[last - 2], labels[last - 1]);
    return vector(name[:|name| - |domain| - 1], domain);
}

function points_for(data: string): count {
    local points = 0;

    if (|data| >= long_name)
        ++points;

    # Short strings cannot have much entropy, so this is for the long ones only.
    if (points > 0 && find_entropy(data)$entropy >= random_entropy)
        ++points;

    return points;
}

function tally_for(client: addr, domain: string): Tally {
    if ([client, domain] !in tallies) {
        local fresh: Tally;
        tallies[client, domain] = fresh;
    }

    return tallies[client, domain];
}

function tell(c: connection, domain: string, tally: Tally, name: string) {
    local client = c$id$orig_h;

    Log::write(LOG, Info($ts=network_time(), $uid=c$uid, $id=c$id, $client=client, $domain=domain,
        $score=tally$score, $names=tally$names, $bytes=tally$bytes, $sample=name));

    if (tally$reached > 1)
        return;

    NOTICE(Notice::Info($note=Suspected_Tunnel, $conn=c, $n=tally$score,
        $msg=fmt("%s asks for names under %s that look like data", client, domain),
        $sub=fmt("%d names, %d bytes, the last one %s", tally$names, tally$bytes, name),
        $identifier=cat(client, domain)));
}

event dns_request(c: connection, msg: dns_msg, query: string, qtype: count, qclass: count) {
    local parts = split_name(query);
    local domain = parts[1];

    if (domain == "" || domain in ignored_domains)
        return;

    local tally = tally_for(c$id$orig_h, domain);

    if (query in tally$seen)
        return;

    if (|tally$seen| < max_names)
        add tally$seen[query];

    ++tally$names;
    tally$bytes += |parts[0]|;
    tally$score += points_for(parts[0]);

    if (tally$reached < |thresholds| && tally$score >= thresholds[tally$reached]) {
        ++tally$reached;
        tell(c, domain, tally, query);
    }
}
