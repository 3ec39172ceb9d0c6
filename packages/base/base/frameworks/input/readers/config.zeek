##! Lines of an option and its value.

@load ../main

module InputConfig;

export {
    const set_separator = Input::set_separator &redef;
    const empty_field = "" &redef;
    const fail_on_file_problem = F &redef;

    ## Raised for each line, the value being of the option's type.
    global new_value: event(name: string, source: string, id: string, value: any);
}
