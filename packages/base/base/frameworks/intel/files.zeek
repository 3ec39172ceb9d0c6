##! Sightings in files.

@load base/frameworks/files
@load ./main

module Intel;

export {
    redef enum Type += {
        FILE_HASH,
        FILE_NAME,
    };

    redef record Seen += {
        f: fa_file &optional;
        fuid: string &optional;
    };

    redef record Info += {
        fuid: string &log &optional;
        file_mime_type: string &log &optional;
        file_desc: string &log &optional;
    };
}

# Before the handler that fills in the connection, which may come from here.
hook extend_match(info: Info, s: Seen, items: set[Item]) &priority=6 {
    if (s?$f) {
        local f = s$f;
        s$fuid = f$id;

        if (f?$conns && |f$conns| == 1)
            for (_, c in f$conns)
                s$conn = c;

        if (! info?$file_mime_type && f?$info && f$info?$mime_type)
            info$file_mime_type = f$info$mime_type;

        if (! info?$file_desc)
            info$file_desc = Files::describe(f);
    }

    if (s?$fuid)
        info$fuid = s$fuid;
}
