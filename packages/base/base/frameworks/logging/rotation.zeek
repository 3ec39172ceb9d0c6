##! What happens to a log file when its time is up: its new name, and the command run on it.

@load ./main
@load ./writers/ascii

module Log;

# strftime format in which names were given before `default_rotation_date_format` existed, and in
# which post-processing commands get their dates still.
const short_date_format = "%y-%m-%d_%H.%M.%S";

# Called by the native part for a filter without a postprocessor of its own.
function __default_rotation_postprocessor(info: RotationInfo): bool &is_used {
    if (info$writer !in default_rotation_postprocessors)
        return T;

    return default_rotation_postprocessors[info$writer](info);
}

function run_rotation_postprocessor_cmd(info: RotationInfo, npath: string): bool {
    if (default_rotation_postprocessor_cmd == "")
        return T;

    # The command learns: file, path, opened, closed, terminating (0 or 1), writer ("ascii").
    local writer_name = sub(to_lower(cat(info$writer)), /^log::writer_/, "");
    local command = fmt("%s %s %s %s %s %d %s", default_rotation_postprocessor_cmd,
        safe_shell_quote(npath), safe_shell_quote(info$path),
        strftime(short_date_format, info$open), strftime(short_date_format, info$close),
        info$terminating, writer_name);

    system_env(command, default_rotation_postprocessor_cmd_env);
    return T;
}

function default_ascii_rotation_postprocessor_func(info: RotationInfo): bool {
    return run_rotation_postprocessor_cmd(info, info$fname);
}

redef default_rotation_postprocessors += {
    [WRITER_ASCII] = default_ascii_rotation_postprocessor_func,
};

# Only ASCII logs that go the default way get the readable date; whoever put in a postprocessor of
# their own may count on the older name.
function goes_the_default_way(ri: RotationFmtInfo): bool {
    return ri$writer == WRITER_ASCII
        && ri?$postprocessor && ri$postprocessor == __default_rotation_postprocessor
        && WRITER_ASCII in default_rotation_postprocessors
        && default_rotation_postprocessors[WRITER_ASCII] == default_ascii_rotation_postprocessor_func;
}

function rotation_format_func(ri: RotationFmtInfo): RotationPath {
    if (goes_the_default_way(ri))
        return RotationPath($file_basename=fmt("%s.%s", ri$path,
            strftime(default_rotation_date_format, ri$open)));

    return RotationPath($file_basename=fmt("%s-%s", ri$path, strftime(short_date_format, ri$open)));
}
