##! Selections by locality, as options of other scripts offer them.

@load ./site

module GLOBAL;

type Direction: enum {
    ## From outside to one of ours.
    INBOUND,
    OUTBOUND,
    ## Either of these two, so one end is ours and one is not.
    BIDIRECTIONAL,
    NO_DIRECTION,
};

function id_matches_direction(id: conn_id, d: Direction): bool {
    if (d == NO_DIRECTION)
        return F;

    local from_us = Site::is_local_addr(id$orig_h);

    if (from_us == Site::is_local_addr(id$resp_h))
        return F;

    return d == BIDIRECTIONAL || from_us == (d == OUTBOUND);
}

type Host: enum {
    LOCAL_HOSTS,
    REMOTE_HOSTS,
    ALL_HOSTS,
    NO_HOSTS,
};

function addr_matches_host(ip: addr, h: Host): bool {
    switch (h) {
    case ALL_HOSTS:
        return T;
    case NO_HOSTS:
        return F;
    default:
        return Site::is_local_addr(ip) == (h == LOCAL_HOSTS);
    }
}
