##! Items that silence an indicator, whatever others say of it: column `meta.whitelist`.

@load base/frameworks/intel

module Intel;

export {
    redef record Intel::MetaData += {
        whitelist: bool &default=F;
    };
}

hook Intel::extend_match(info: Info, s: Seen, items: set[Item]) &priority=9 {
    local silenced = F;

    for (item in items)
        silenced = silenced || item$meta$whitelist;

    if (silenced)
        break;
}
