##! Where indicators are kept: addresses and networks as such, everything else as text in lower case.
##! Under each indicator stands what each source says about it.

@load ./main

module Intel;

export {
    type MetaDataTable: table[string] of MetaData;
}

global expire_host: function(data: table[addr] of MetaDataTable, host: addr): interval;
global expire_net: function(data: table[subnet] of MetaDataTable, net: subnet): interval;
global expire_text: function(data: table[string, Type] of MetaDataTable, text: string, kind: Type): interval;

type DataStore: record {
    host_data: table[addr] of MetaDataTable &write_expire=item_expiration &expire_func=expire_host;
    subnet_data: table[subnet] of MetaDataTable &write_expire=item_expiration &expire_func=expire_net;
    string_data: table[string, Type] of MetaDataTable &write_expire=item_expiration &expire_func=expire_text;
};

global data_store: DataStore &redef;

# --- Expiry --------------------------------------------------------------------------------------

function metas_in(entries: MetaDataTable): set[MetaData] {
    local metas: set[MetaData] = set();

    for (_, meta in entries)
        add metas[meta];

    return metas;
}

# Another period if the hook ran through; else the indicator goes.
function time_is_up(indicator: string, kind: Type, metas: set[MetaData]): interval {
    if (hook item_expired(indicator, kind, metas))
        return item_expiration;

    remove(Item($indicator=indicator, $indicator_type=kind, $meta=MetaData($source="")), T);
    return 0secs;
}

function expire_host(data: table[addr] of MetaDataTable, host: addr): interval {
    return time_is_up(cat(host), ADDR, metas_in(data[host]));
}

function expire_net(data: table[subnet] of MetaDataTable, net: subnet): interval {
    return time_is_up(cat(net), SUBNET, metas_in(data[net]));
}

function expire_text(data: table[string, Type] of MetaDataTable, text: string, kind: Type): interval {
    return time_is_up(text, kind, metas_in(data[text, kind]));
}

# --- Finding -------------------------------------------------------------------------------------

function find(s: Seen): bool {
    if (! s?$host)
        return [to_lower(s$indicator), s$indicator_type] in data_store$string_data;

    return s$host in data_store$host_data
        || |matching_subnets(addr_to_subnet(s$host), data_store$subnet_data)| > 0;
}

function items_for(indicator: string, kind: Type, entries: MetaDataTable, items: set[Item]) {
    for (_, meta in entries)
        add items[Item($indicator=indicator, $indicator_type=kind, $meta=meta)];
}

function get_items(s: Seen): set[Item] {
    local items: set[Item] = set();

    if (! s?$host) {
        local text = to_lower(s$indicator);

        if ([text, s$indicator_type] in data_store$string_data)
            items_for(s$indicator, s$indicator_type, data_store$string_data[text, s$indicator_type], items);

        return items;
    }

    if (s$host in data_store$host_data)
        items_for(cat(s$host), ADDR, data_store$host_data[s$host], items);

    for (_, net in matching_subnets(addr_to_subnet(s$host), data_store$subnet_data))
        items_for(cat(net), SUBNET, data_store$subnet_data[net], items);

    return items;
}

# An indicator that is there has its own entry; for a network, one that merely contains it does not
# count.
function is_present(item: Item): bool {
    switch (item$indicator_type) {
    case ADDR:
        return to_addr(item$indicator) in data_store$host_data;
    case SUBNET:
        return check_subnet(to_subnet(item$indicator), data_store$subnet_data);
    default:
        return [to_lower(item$indicator), item$indicator_type] in data_store$string_data;
    }
}

# As the hooks and events name it.
function canonical(item: Item): string {
    switch (item$indicator_type) {
    case ADDR:
        return cat(to_addr(item$indicator));
    case SUBNET:
        return cat(to_subnet(item$indicator));
    default:
        return to_lower(item$indicator);
    }
}

# --- Changing ------------------------------------------------------------------------------------

# The item's entries, made if there are none. Assigned in any case: that is what counts for expiry.
function touched_entries(item: Item): MetaDataTable {
    local entries: MetaDataTable = table();

    switch (item$indicator_type) {
    case ADDR:
        local host = to_addr(item$indicator);

        if (host in data_store$host_data)
            entries = data_store$host_data[host];

        data_store$host_data[host] = entries;
        return entries;
    case SUBNET:
        local net = to_subnet(item$indicator);

        if (check_subnet(net, data_store$subnet_data))
            entries = data_store$subnet_data[net];

        data_store$subnet_data[net] = entries;
        return entries;
    default:
        local text = to_lower(item$indicator);

        if ([text, item$indicator_type] in data_store$string_data)
            entries = data_store$string_data[text, item$indicator_type];

        data_store$string_data[text, item$indicator_type] = entries;
        return entries;
    }
}

function insert(item: Item) {
    if (! hook filter_item(item))
        return;

    local is_new = ! is_present(item);
    local entries = touched_entries(item);
    entries[item$meta$source] = item$meta;

    if (! is_new)
        return;

    event Intel::new_item(item);
    hook indicator_inserted(canonical(item), item$indicator_type);
}

function forget_indicator(item: Item) {
    switch (item$indicator_type) {
    case ADDR:
        delete data_store$host_data[to_addr(item$indicator)];
        break;
    case SUBNET:
        delete data_store$subnet_data[to_subnet(item$indicator)];
        break;
    default:
        delete data_store$string_data[to_lower(item$indicator), item$indicator_type];
        break;
    }
}

function entries_of(item: Item): MetaDataTable {
    switch (item$indicator_type) {
    case ADDR:
        return data_store$host_data[to_addr(item$indicator)];
    case SUBNET:
        return data_store$subnet_data[to_subnet(item$indicator)];
    default:
        return data_store$string_data[to_lower(item$indicator), item$indicator_type];
    }
}

function remove(item: Item, purge_indicator: bool &default=F) {
    if (! is_present(item)) {
        Reporter::info(fmt("Tried to remove non-existing item '%s' (%s).", item$indicator, item$indicator_type));
        return;
    }

    local entries = entries_of(item);
    delete entries[item$meta$source];

    if (|entries| > 0 && ! purge_indicator)
        return;

    forget_indicator(item);
    event Intel::remove_indicator(item);
}

event remove_indicator(item: Item) {
    hook indicator_removed(canonical(item), item$indicator_type);
}
