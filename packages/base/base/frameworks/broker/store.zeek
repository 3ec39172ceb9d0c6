##! Key-value stores. One store of a name in a run; it lives in the script's own memory, and ends with
##! it. Every operation is done when it returns, so it can stand in a `when` or not.

@load ./main

module Broker;

export {
    const default_clone_resync_interval = 10sec &redef;
    const default_clone_stale_interval = 5min &redef;
    const default_clone_mutation_buffer_interval = 2min &redef;
    const table_store_master = T &redef;
    const table_store_db_directory = "." &redef;

    type QueryStatus: enum { SUCCESS, FAILURE };

    type QueryResult: record {
        status: Broker::QueryStatus;
        ## To be taken out with `as TYPE`. Unset on failure.
        result: any &optional;
    };

    type BackendType: enum { MEMORY, SQLITE };

    type SQLiteFailureMode: enum { SQLITE_FAILURE_MODE_FAIL, SQLITE_FAILURE_MODE_DELETE };
    type SQLiteSynchronous: enum {
        SQLITE_SYNCHRONOUS_OFF, SQLITE_SYNCHRONOUS_NORMAL, SQLITE_SYNCHRONOUS_FULL,
        SQLITE_SYNCHRONOUS_EXTRA,
    };
    type SQLiteJournalMode: enum { SQLITE_JOURNAL_MODE_DELETE, SQLITE_JOURNAL_MODE_WAL };

    type SQLiteOptions: record {
        path: string &default="";
        synchronous: SQLiteSynchronous &optional;
        journal_mode: SQLiteJournalMode &optional;
        failure_mode: SQLiteFailureMode &default=SQLITE_FAILURE_MODE_FAIL;
        integrity_check: bool &default=F;
    };

    type BackendOptions: record {
        sqlite: SQLiteOptions &default=SQLiteOptions();
    };

    type StoreEntry: record {
        key: any;
        val: any;
        ## The beginning of time for never.
        expires: time;
    };

    ## A handle. What is inside is for this file only.
    type Store: record {
        name: string;
        is_open: bool &default=T;
        entries: table[string] of StoreEntry;
    };

    # Both give the store of that name; there is no difference between a master and its clones here.
    global create_master: function(name: string, b: BackendType &default=MEMORY,
        options: BackendOptions &default=BackendOptions()): Store;
    global create_clone: function(name: string, resync_interval: interval &default=default_clone_resync_interval,
        stale_interval: interval &default=default_clone_stale_interval,
        mutation_buffer_interval: interval &default=default_clone_mutation_buffer_interval): Store;

    global close: function(h: Store): bool;
    global is_closed: function(h: Store): bool;
    global store_name: function(h: Store): string;

    # Queries.
    global exists: function(h: Store, k: any): QueryResult;
    global get: function(h: Store, k: any): QueryResult;
    ## The result is T if the key was new.
    global put_unique: function(h: Store, k: any, v: any, e: interval &default=0sec): QueryResult;
    ## The result is a vector of any.
    global keys: function(h: Store): QueryResult;

    # Changes. They answer whether they were made.
    global put: function(h: Store, k: any, v: any, e: interval &default=0sec): bool;
    global erase: function(h: Store, k: any): bool;
    global clear: function(h: Store): bool;
    global increment: function(h: Store, k: any, a: count &default=1, e: interval &default=0sec): bool;
    global decrement: function(h: Store, k: any, a: count &default=1, e: interval &default=0sec): bool;
    global append: function(h: Store, k: any, s: string, e: interval &default=0sec): bool;
}

const never: time = double_to_time(0.0);

global stores: table[string] of Store;

# What tells keys apart: 1 and "1" are different.
function key_text(k: any): string {
    return string_cat(type_name(k), " ", cat(k));
}

function expiry_of(e: interval): time {
    return e > 0secs ? network_time() + e : never;
}

# Whether there is such an entry; one that has expired is removed on the way.
function has_entry(h: Store, key: string): bool {
    if (key !in h$entries)
        return F;

    local entry = h$entries[key];

    if (entry$expires == never || entry$expires > network_time())
        return T;

    delete h$entries[key];
    return F;
}

function create_master(name: string, b: BackendType &default=MEMORY,
        options: BackendOptions &default=BackendOptions()): Store {
    if (name !in stores || ! stores[name]$is_open)
        stores[name] = Store($name=name, $entries=table());

    return stores[name];
}

function create_clone(name: string, resync_interval: interval &default=default_clone_resync_interval,
        stale_interval: interval &default=default_clone_stale_interval,
        mutation_buffer_interval: interval &default=default_clone_mutation_buffer_interval): Store {
    return create_master(name);
}

function close(h: Store): bool {
    local was_open = h$is_open;
    h$is_open = F;
    h$entries = table();
    return was_open;
}

function is_closed(h: Store): bool {
    return ! h$is_open;
}

function store_name(h: Store): string {
    return h$name;
}

function exists(h: Store, k: any): QueryResult {
    if (! h$is_open)
        return QueryResult($status=FAILURE);

    return QueryResult($status=SUCCESS, $result=has_entry(h, key_text(k)));
}

function get(h: Store, k: any): QueryResult {
    local key = key_text(k);

    if (! h$is_open || ! has_entry(h, key))
        return QueryResult($status=FAILURE);

    return QueryResult($status=SUCCESS, $result=h$entries[key]$val);
}

function put(h: Store, k: any, v: any, e: interval &default=0sec): bool {
    if (! h$is_open)
        return F;

    h$entries[key_text(k)] = StoreEntry($key=copy(k), $val=copy(v), $expires=expiry_of(e));
    return T;
}

function put_unique(h: Store, k: any, v: any, e: interval &default=0sec): QueryResult {
    if (! h$is_open)
        return QueryResult($status=FAILURE);

    local is_new = ! has_entry(h, key_text(k));

    if (is_new)
        put(h, k, v, e);

    return QueryResult($status=SUCCESS, $result=is_new);
}

function keys(h: Store): QueryResult {
    if (! h$is_open)
        return QueryResult($status=FAILURE);

    local found: vector of any = vector();
    local gone: vector of string = vector();

    for (key, entry in h$entries)
        if (entry$expires == never || entry$expires > network_time())
            found += entry$key;
        else
            gone += key;

    for (_, key in gone)
        delete h$entries[key];

    return QueryResult($status=SUCCESS, $result=found);
}

function erase(h: Store, k: any): bool {
    delete h$entries[key_text(k)];
    return h$is_open;
}

function clear(h: Store): bool {
    h$entries = table();
    return h$is_open;
}

function increment(h: Store, k: any, a: count &default=1, e: interval &default=0sec): bool {
    local before = 0;
    local old = get(h, k);

    if (old$status == SUCCESS)
        before = old$result as count;

    return put(h, k, before + a, e);
}

function decrement(h: Store, k: any, a: count &default=1, e: interval &default=0sec): bool {
    local before = 0;
    local old = get(h, k);

    if (old$status == SUCCESS)
        before = old$result as count;

    return put(h, k, before > a ? before - a : 0, e);
}

function append(h: Store, k: any, s: string, e: interval &default=0sec): bool {
    local before = "";
    local old = get(h, k);

    if (old$status == SUCCESS)
        before = old$result as string;

    return put(h, k, string_cat(before, s), e);
}
