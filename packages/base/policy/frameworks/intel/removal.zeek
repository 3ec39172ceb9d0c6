##! Items that take back what their source said before: column `meta.remove`.

@load base/frameworks/intel

module Intel;

export {
    redef record Intel::MetaData += {
        remove: bool &default=F;
    };
}

hook Intel::filter_item(item: Item) {
    if (! item$meta$remove)
        return;

    Intel::remove(item);
    break;
}
