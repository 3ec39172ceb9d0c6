##! Tab-separated text, or a JSON object per line.
##!
##! A filter's `config` table may hold any of these names (as strings: "T", "F", ...) for that filter.

@load ../main

module LogAscii;

export {
    ## All rows to standard output instead of files.
    const output_to_stdout = F &redef;
    const use_json = F &redef;
    ## Put aside files that an earlier run left behind.
    const enable_leftover_log_rotation = F &redef;
    ## Let valid UTF-8 through; otherwise all bytes beyond ASCII are escaped.
    const enable_utf_8 = T &redef;

    ## 1 to 9 compresses; 0 does not.
    const gzip_level = 0 &redef;
    const gzip_file_extension = "gz" &redef;

    const json_timestamps: JSON::TimestampFormat = JSON::TS_EPOCH &redef;
    ## Write `null` for unset fields instead of leaving them out.
    const json_include_unset_fields = F &redef;
    const json_string_escape_policy = JSON::STRING_ESCAPE_POLICY_HEX &redef;

    ## The lines that begin with `meta_prefix`: field names, types, open and close.
    const include_meta = T &redef;
    const meta_prefix = "#" &redef;

    const separator = Log::separator &redef;
    const set_separator = Log::set_separator &redef;
    const empty_field = Log::empty_field &redef;
    const unset_field = Log::unset_field &redef;
}
