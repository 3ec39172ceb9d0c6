##! Options from files: a name and a value on each line. The files are watched.

@load base/frameworks/cluster
@load base/frameworks/input
@load ./main

module Config;

export {
    const config_files: set[string] = {} &redef;
    ## Reads a file once.
    global read_config: function(filename: string);
}

const once = "config-oneshot-";

type ConfigItem: record {
    option_nv: string;
};

type EventFields: record {
    option_name: string;
    option_val: string;
};

# The reader raises InputConfig::new_value; what it is to fill in besides is of no interest.
global unused_table: table[string] of string = table();

event config_line(description: Input::EventDescription, tpe: Input::Event, p: EventFields) {
}

function reads_files(): bool {
    return ! Cluster::is_enabled() || is_manager();
}

event zeek_init() &priority=5 {
    if (! reads_files())
        return;

    for (name in config_files)
        Input::add_table(Input::TableDescription($reader=Input::READER_CONFIG, $mode=Input::REREAD,
            $source=name, $name=string_cat("config-", name), $idx=ConfigItem, $val=ConfigItem,
            $want_record=F, $destination=unused_table));
}

event InputConfig::new_value(name: string, source: string, id: string, value: any) {
    if (starts_with(name, once) || source in config_files)
        set_value(id, value, source);
}

function read_config(filename: string) {
    if (! reads_files())
        return;

    local name = string_cat(once, filename);
    Input::add_event(Input::EventDescription($reader=Input::READER_CONFIG, $mode=Input::MANUAL,
        $source=filename, $name=name, $fields=EventFields, $ev=config_line));
    Input::remove(name);
}
