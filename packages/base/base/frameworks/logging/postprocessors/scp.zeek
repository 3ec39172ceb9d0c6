##! A rotation postprocessor that copies the file to other machines with scp and removes it here.

@load ../main

module Log;

export {
    type SCPDestination: record {
        user: string;
        host: string;
        path: string;
    };

    ## Where to copy to, by writer and path.
    global scp_destinations: table[Writer, string] of set[SCPDestination];
    const scp_rotation_date_format = "%Y-%m-%d-%H-%M-%S" &redef;

    global scp_postprocessor: function(info: Log::RotationInfo): bool;
}

function scp_postprocessor(info: Log::RotationInfo): bool {
    if (reading_traces() || [info$writer, info$path] !in scp_destinations)
        return T;

    local opened = strftime(scp_rotation_date_format, info$open);
    local commands: vector of string = vector();

    for (to in scp_destinations[info$writer, info$path])
        commands += fmt("scp %s %s@%s:%s/%s.%s.log", info$fname, to$user, to$host, to$path,
            info$path, opened);

    commands += fmt("/bin/rm %s", safe_shell_quote(info$fname));
    system(join_string_vec(commands, ";"));
    return T;
}
