##! Prints every event, for whoever writes scripts.

module DumpEvents;

export {
    option include_args = T;
    ## Also events that nobody else handles.
    const dump_all_events = F &redef;
    ## Only events with such names.
    option include = /.*/;
    ## A line of JSON for each.
    option use_json = F;
}

event zeek_init() &priority=999 {
    if (dump_all_events)
        generate_all_events();
}

function print_json(name: string, args: call_argument_vector) {
    local line: table[string] of any = {
        ["ts"] = network_time(),
        ["event"] = name,
    } &ordered;

    if (include_args && |args| > 0) {
        local values: table[string] of any = {} &ordered;

        for (_, arg in args)
            if (arg?$value)
                values[arg$name] = arg$value;
            else if (arg?$default_val)
                values[arg$name] = arg$default_val;

        line["args"] = values;
    }

    print to_json(line);
}

event new_event(name: string, args: call_argument_vector) {
    if (include !in name)
        return;

    if (use_json) {
        print_json(name, args);
        return;
    }

    print fmt("%17.6f %s", network_time(), name);

    if (! include_args || |args| == 0)
        return;

    for (i, arg in args) {
        local what = fmt("%s: %s", arg$name, arg$type_name);

        if (arg?$value)
            print fmt("                  [%d] %-18s = %s", i, what, arg$value);
        else if (arg?$default_val)
            print fmt("                  | %-18s = %s [default]", what, arg$default_val);
    }

    print "";
}
