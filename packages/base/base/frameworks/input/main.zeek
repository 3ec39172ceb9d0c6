##! Data from outside: files and commands that become a table, or events. The host reads; a script
##! says what and how.

module Input;

export {
    ## What happened to an entry since the source was read last.
    type Event: enum { EVENT_NEW = 0, EVENT_CHANGED = 1, EVENT_REMOVED = 2 };

    ## Read once and when `force_update` says so; again whenever the source changes; or go on
    ## reading as it grows.
    type Mode: enum { MANUAL = 0, REREAD = 1, STREAM = 2 };

    option default_reader = READER_ASCII;
    option default_mode = MANUAL;

    const separator = "\t" &redef;
    const set_separator = "," &redef;
    const empty_field = "(empty)" &redef;
    const unset_field = "-" &redef;
    ## Skip record fields of types that readers do not know, instead of refusing.
    const accept_unsupported_types = F &redef;

    type TableDescription: record {
        ## For most readers a file name.
        source: string;
        reader: Reader &default=default_reader;
        mode: Mode &default=default_mode;
        ## To refer to the stream by.
        name: string;

        ## The table or set.
        destination: any;
        ## Record types: index and value columns. A set has no value.
        idx: any;
        val: any &optional;
        ## The table's values are records even if there is just one column.
        want_record: bool &default=T;

        ## Raised with each change: (description, Event, index..., value).
        ev: any &optional;
        ## Whether a change is to be made.
        pred: function(typ: Input::Event, left: any, right: any): bool &optional;
        error_ev: any &optional;
        ## For the reader.
        config: table[string] of string &default=table();
    };

    type EventDescription: record {
        source: string;
        reader: Reader &default=default_reader;
        mode: Mode &default=default_mode;
        name: string;

        ## Record type: the columns.
        fields: any;
        ## The event gets a record instead of the columns one by one.
        want_record: bool &default=T;
        ## Raised with each line: (description, Event, record or columns).
        ev: any;
        error_ev: any &optional;
        config: table[string] of string &default=table();
    };

    type AnalysisDescription: record {
        source: string;
        reader: Reader &default=Input::READER_BINARY;
        mode: Mode &default=default_mode;
        name: string;
        config: table[string] of string &default=table();
    };

    global add_table: function(description: Input::TableDescription): bool;
    global add_event: function(description: Input::EventDescription): bool;
    ## Hands the source to the files framework.
    global add_analysis: function(description: Input::AnalysisDescription): bool;
    global remove: function(id: string): bool;
    global force_update: function(id: string): bool;

    ## The source has been read to its end, for now.
    global end_of_data: event(name: string, source: string);
}

function add_table(description: Input::TableDescription): bool {
    return __create_table_stream(description);
}

function add_event(description: Input::EventDescription): bool {
    return __create_event_stream(description);
}

function add_analysis(description: Input::AnalysisDescription): bool {
    return __create_analysis_stream(description);
}

function remove(id: string): bool {
    return __remove_stream(id);
}

function force_update(id: string): bool {
    return __force_update(id);
}
