##! Intelligence: indicators of trouble, and where in the traffic they were seen.
##!
##! Scripts report what they see with `seen`; what matches an indicator becomes a row in intel.log
##! and an event `match`.

@load base/frameworks/notice

module Intel;

export {
    redef enum Log::ID += { LOG };

    ## Kinds of indicators.
    type Type: enum {
        ADDR,
        SUBNET,
        ## Without the scheme.
        URL,
        SOFTWARE,
        EMAIL,
        DOMAIN,
        USER_NAME,
        ## SHA-1 of a certificate.
        CERT_HASH,
        PUBKEY_HASH,
    };

    type TypeSet: set[Type];

    ## What a source says about an indicator.
    type MetaData: record {
        source: string;
        desc: string &optional;
        url: string &optional;
    };

    type Item: record {
        indicator: string;
        indicator_type: Type;
        meta: MetaData;
    };

    ## Where in the traffic. Each script adds its own.
    type Where: enum {
        IN_ANYWHERE,
    };

    ## A sighting.
    type Seen: record {
        indicator: string &log &optional;
        indicator_type: Type &log &optional;
        ## In place of the two, for an address.
        host: addr &optional;
        where: Where &log;
        node: string &optional &log;
        conn: connection &optional;
        uid: string &optional;
    };

    type Info: record {
        ts: time &log;
        uid: string &log &optional;
        id: conn_id &log &optional;
        seen: Seen &log;
        ## Types of the indicators that matched.
        matched: TypeSet &log;
        sources: set[string] &log &default=string_set();
    };

    global log_intel: event(rec: Info);
    global log_policy: Log::PolicyHook;

    global insert: function(item: Item);
    ## Forgets what the item's source said; with `purge_indicator`, what all said.
    global remove: function(item: Item, purge_indicator: bool &default=F);
    global seen: function(s: Seen);

    global match: event(s: Seen, items: set[Item]);

    ## Adds to the row before it is written; `break` drops it.
    global extend_match: hook(info: Info, s: Seen, items: set[Item]);
    ## Called with each sighting; `break` keeps it from matching.
    global seen_policy: hook(s: Seen, found: bool);
    ## Called with each item to be inserted; `break` keeps it out.
    global filter_item: hook(item: Intel::Item);

    ## Indicators are forgotten this long after they were last inserted; negative for never.
    const item_expiration = -1min &redef;
    ## Called when that is due; handlers that `break` let it happen without being asked again,
    ## all others together grant another `item_expiration`.
    global item_expired: hook(indicator: string, indicator_type: Type, metas: set[MetaData]);

    # The first item of an indicator came, the last one went.
    global indicator_inserted: hook(indicator: string, indicator_type: Type);
    global indicator_removed: hook(indicator: string, indicator_type: Type);
}

# How items travel in a cluster.
global match_remote: event(s: Seen);
global new_item: event(item: Item);
global remove_item: event(item: Item, purge_indicator: bool);
global remove_indicator: event(item: Item);

# In store.zeek.
global find: function(s: Seen): bool;
global get_items: function(s: Seen): set[Item];

event zeek_init() &priority=5 {
    Log::create_stream(LOG, Log::Stream($columns=Info, $ev=log_intel, $path="intel", $policy=log_policy));
}

function seen(s: Seen) {
    local found = find(s);

    if (! hook seen_policy(s, found) || ! found)
        return;

    if (s?$host) {
        s$indicator = cat(s$host);
        s$indicator_type = ADDR;
    }

    if (! s?$node)
        s$node = peer_description;

    event Intel::match(s, get_items(s));
}

event match(s: Seen, items: set[Item]) &priority=5 {
    local info = Info($ts=network_time(), $seen=s, $matched=TypeSet());

    if (hook extend_match(info, s, items))
        Log::write(LOG, info);
}

hook extend_match(info: Info, s: Seen, items: set[Item]) &priority=5 {
    if (s?$conn) {
        s$uid = s$conn$uid;
        info$id = s$conn$id;
    }

    if (s?$uid)
        info$uid = s$uid;

    for (item in items) {
        add info$matched[item$indicator_type];
        add info$sources[item$meta$source];
    }
}
