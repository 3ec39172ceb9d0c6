##! Lines of columns, after a line `#fields` with their names.

@load ../main

module InputAscii;

export {
    const separator = Input::separator &redef;
    const set_separator = Input::set_separator &redef;
    const empty_field = Input::empty_field &redef;
    const unset_field = Input::unset_field &redef;
    ## Give up at a line that cannot be read, instead of leaving it out.
    const fail_on_invalid_lines = F &redef;
    ## Give up if the file is not there, instead of looking again.
    const fail_on_file_problem = F &redef;
    ## Before names that are not absolute.
    const path_prefix = "" &redef;
}
