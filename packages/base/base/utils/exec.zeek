##! Running a command and waiting for what it says. The host runs it, and only for those allowed to.

@load base/frameworks/input

module Exec;

export {
    type Command: record {
        ## For the shell; what comes from outside must be quoted.
        cmd: string;
        stdin: string &default="";
        ## Files to read when the command is done, and to remove after that.
        read_files: set[string] &optional;
        ## Names this run.
        uid: string &default=unique_id("");
    };

    type Result: record {
        exit_code: count &default=0;
        ## A signal ended it.
        signal_exit: bool &default=F;
        stdout: vector of string &optional;
        stderr: vector of string &optional;
        ## Lines of each of `read_files`.
        files: table[string] of string_vec &optional;
    };

    ## For use with `when`.
    global run: function(cmd: Command): Result;
}

type Line: record {
    s: string;
    is_stderr: bool;
};

type FileLine: record {
    s: string;
};

global results: table[string] of Result;
# Runs that are not done, and the files that each still has to read.
global running: set[string];
global unread: table[string] of set[string];

# The stream for a file of a run is named after both.
function stream_name(uid: string, file_name: string): string {
    return fmt("%s_%s", uid, file_name);
}

event Exec::line(description: Input::EventDescription, tpe: Input::Event, s: string, is_stderr: bool) {
    local result = results[description$name];

    if (is_stderr) {
        if (! result?$stderr)
            result$stderr = vector();

        result$stderr += s;
    }
    else {
        if (! result?$stdout)
            result$stdout = vector();

        result$stdout += s;
    }
}

# The lines of a file, empty to begin with.
function lines_of(uid: string, file_name: string): string_vec {
    local result = results[uid];

    if (! result?$files)
        result$files = table();

    if (file_name !in result$files)
        result$files[file_name] = vector();

    return result$files[file_name];
}

event Exec::file_line(description: Input::EventDescription, tpe: Input::Event, s: string) {
    local names = split_string1(description$name, /_/);
    local lines = lines_of(names[0], names[1]);
    lines += s;
}

event Input::end_of_data(name: string, source: string) {
    local names = split_string1(name, /_/);

    if (|names| < 2 || names[0] !in running)
        return;

    # A file without lines has been read too.
    lines_of(names[0], names[1]);
    Input::remove(name);
    system(fmt("rm %s", safe_shell_quote(names[1])));

    if (names[0] in unread) {
        delete unread[names[0]][names[1]];

        if (|unread[names[0]]| > 0)
            return;

        delete unread[names[0]];
    }

    delete running[names[0]];
}

event InputRaw::process_finished(name: string, source: string, exit_code: count, signal_exit: bool) {
    if (name !in running)
        return;

    results[name]$exit_code = exit_code;
    results[name]$signal_exit = signal_exit;

    if (name !in unread) {
        delete running[name];
        return;
    }

    for (file_name in unread[name])
        Input::add_event(Input::EventDescription($source=file_name, $name=stream_name(name, file_name),
            $reader=Input::READER_RAW, $want_record=F, $fields=FileLine, $ev=Exec::file_line));
}

function run(cmd: Command): Result {
    add running[cmd$uid];
    results[cmd$uid] = Result();

    if (cmd?$read_files && |cmd$read_files| > 0)
        unread[cmd$uid] = copy(cmd$read_files);

    local config: table[string] of string = { ["stdin"] = cmd$stdin, ["read_stderr"] = "1" };

    Input::add_event(Input::EventDescription($name=cmd$uid, $source=fmt("%s |", cmd$cmd),
        $reader=Input::READER_RAW, $mode=Input::STREAM, $fields=Line, $ev=Exec::line, $want_record=F,
        $config=config));

    return when [cmd] (cmd$uid !in running) {
        local result = results[cmd$uid];
        delete results[cmd$uid];
        return result;
    }
}

event zeek_done() {
    # Nobody will read these any more.
    for (_, file_names in unread)
        for (file_name in file_names)
            system(fmt("rm %s", safe_shell_quote(file_name)));
}
