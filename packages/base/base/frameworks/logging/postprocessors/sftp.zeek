##! The same as scp.zeek for machines that offer only sftp.

@load ../main

module Log;

export {
    type SFTPDestination: record {
        user: string;
        host: string;
        host_port: count &default=22;
        path: string;
    };

    global sftp_destinations: table[Writer, string] of set[SFTPDestination];
    const sftp_rotation_date_format = "%Y-%m-%d-%H-%M-%S" &redef;

    global sftp_postprocessor: function(info: Log::RotationInfo): bool;
}

function sftp_postprocessor(info: Log::RotationInfo): bool {
    if (reading_traces() || [info$writer, info$path] !in sftp_destinations)
        return T;

    local opened = strftime(sftp_rotation_date_format, info$open);
    local commands: vector of string = vector();

    for (to in sftp_destinations[info$writer, info$path])
        commands += fmt("echo put %s %s/%s.%s.log | sftp -P %d -b - %s@%s", info$fname, to$path,
            info$path, opened, to$host_port, to$user, to$host);

    commands += fmt("/bin/rm %s", safe_shell_quote(info$fname));
    system(join_string_vec(commands, ";"));
    return T;
}
