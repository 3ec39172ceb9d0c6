##! Highest random weight (rendezvous) hashing: which of several sites a key belongs to. When a site
##! comes or goes, only keys that belong to it change.

module HashHRW;

export {
    type Site: record {
        id: count;
        user_data: any &optional;
    };

    type SiteTable: table[count] of Site;

    type Pool: record {
        sites: SiteTable &default=SiteTable();
    };

    # Answer whether the pool changed.
    global add_site: function(pool: Pool, site: Site): bool;
    global rem_site: function(pool: Pool, site: Site): bool;
    ## The pool must have a site.
    global get_site: function(pool: Pool, key: any): Site;
}

function add_site(pool: Pool, site: Site): bool {
    if (site$id in pool$sites)
        return F;

    pool$sites[site$id] = site;
    return T;
}

function rem_site(pool: Pool, site: Site): bool {
    if (site$id !in pool$sites)
        return F;

    delete pool$sites[site$id];
    return T;
}

function get_site(pool: Pool, key: any): Site {
    local digest = fnv1a32(key);
    local winner = 0;
    local heaviest = 0;
    local any_yet = F;

    for (id in pool$sites) {
        local weight = hrw_weight(digest, id);

        # A tie goes to the higher id, so that the order of the table does not matter.
        if (! any_yet || weight > heaviest || (weight == heaviest && id > winner)) {
            winner = id;
            heaviest = weight;
            any_yet = T;
        }
    }

    return pool$sites[winner];
}
