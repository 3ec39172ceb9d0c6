##! Indicators from files: columns named like the fields of Intel::Item. The files are watched.

@load base/frameworks/input
@load ./main

module Intel;

export {
    const read_files: set[string] = {} &redef;
    ## Before names that are not absolute.
    const path_prefix = "" &redef;

    global read_entry: event(desc: Input::EventDescription, tpe: Input::Event, item: Intel::Item);
    global read_error: event(desc: Input::EventDescription, message: string, level: Reporter::Level);
}

event read_entry(desc: Input::EventDescription, tpe: Input::Event, item: Intel::Item) {
    insert(item);
}

event zeek_init() &priority=5 {
    if (Cluster::is_enabled() && Cluster::local_node_type() != Cluster::MANAGER)
        return;

    for (name in read_files) {
        local source = path_prefix == "" || starts_with(name, "/") ? name
            : fmt("%s/%s", rstrip(path_prefix, "/"), name);

        Input::add_event(Input::EventDescription($source=source, $reader=Input::READER_ASCII,
            $mode=Input::REREAD, $name=string_cat("intel-", name), $fields=Intel::Item,
            $ev=Intel::read_entry, $error_ev=Intel::read_error));
    }
}
