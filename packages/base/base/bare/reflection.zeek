##! Scripts looking at scripts: identifiers, record fields, calls on the stack, plugins.

module GLOBAL;

type script_id_attr: record {
    name: string;
    expr: string &optional;
};

type script_id_attrs: vector of script_id_attr;

## A global identifier, as `global_ids` lists it.
type script_id: record {
    type_name: string;
    exported: bool;
    constant: bool;
    enum_constant: bool;
    option_value: bool;
    redefinable: bool;
    broker_backend: bool;
    value: any &optional;
    attributes: script_id_attrs &optional;
};

type id_table: table[string] of script_id;

## A field, as `record_fields` lists it; `value` is set if the record has one there.
type record_field: record {
    type_name: string;
    log: bool;
    value: any &optional;
    default_val: any &optional;
    optional: bool;
};

type record_field_table: table[string] of record_field;

type call_argument: record {
    name: string;
    type_name: string;
    default_val: any &optional;
    value: any &optional;
};

type call_argument_vector: vector of call_argument;

## A frame of `backtrace`, innermost first.
type BacktraceElement: record {
    function_name: string;
    function_args: call_argument_vector;
    file_location: string &optional;
    line_location: count &optional;
};

type Backtrace: vector of BacktraceElement;

## Implement `assertion_failure` to be told of a failed `assert`; `break` there keeps quiet about it.
type assertion_failure: hook(cond: string, msg: string, bt: Backtrace);
## The same for every `assert` that was evaluated.
type assertion_result: hook(result: bool, cond: string, msg: string, bt: Backtrace);

type PluginComponent: record {
    name: string;
    canonical_name: string;
    tag: string;
    enabled: bool;
};

type plugin_component_vec: vector of PluginComponent;
