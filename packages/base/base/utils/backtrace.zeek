##! Where we are.

module GLOBAL;

function frame_text(frame: BacktraceElement, show_args: bool): string {
    local args: string_vec = vector();

    if (show_args)
        for (_, arg in frame$function_args) {
            local text = fmt("%s: %s", arg$name, arg$type_name);
            args += arg?$value ? fmt("%s = %s", text, arg$value) : text;
        }

    local call = fmt("%s(%s)", frame$function_name, join_string_vec(args, ", "));

    return frame?$file_location ? fmt("%s at %s:%s", call, frame$file_location, frame$line_location) : call;
}

## Prints the calls that are under way, innermost first, leaving out the first `skip`.
function print_backtrace(show_args: bool &default=F, one_line: bool &default=F,
        one_line_delim: string &default="|", skip: count &default=1,
        to_file: file &default=open("/dev/stdout")) {
    local lines: string_vec = vector();

    for (i, frame in backtrace())
        if (i >= skip)
            lines += fmt("#%s: %s", i - skip, frame_text(frame, show_args));

    if (! one_line) {
        for (_, line in lines)
            print to_file, line;

        return;
    }

    local all = "";

    for (_, line in lines)
        all += fmt("%s %s ", one_line_delim, line);

    print to_file, |lines| > 0 ? string_cat(all, one_line_delim) : "";
}
