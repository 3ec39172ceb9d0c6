##! Names of files.

@load base/frameworks/intel
@load ./where-locations

function report_file_name(f: fa_file) {
    if (f?$info && f$info?$filename)
        Intel::seen(Intel::Seen($indicator=f$info$filename, $indicator_type=Intel::FILE_NAME, $f=f,
            $where=Files::IN_NAME));
}

# Files without a connection; for the others the name is known only in the next event.
event file_new(f: fa_file) &group="Intel::FILE_NAME" {
    if (! f?$conns || |f$conns| == 0)
        report_file_name(f);
}

event file_over_new_connection(f: fa_file, c: connection, is_orig: bool) &priority=-5
        &group="Intel::FILE_NAME" {
    # SMB knows better when.
    if (f$source != "SMB")
        report_file_name(f);
}
