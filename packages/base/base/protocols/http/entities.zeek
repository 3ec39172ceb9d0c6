##! Files in http.log: identifiers, names and types of the bodies of each side.

@load base/frameworks/files
@load base/frameworks/notice/weird
@load base/utils/files
@load ./main

module HTTP;

export {
    ## A body, or a part of one.
    type Entity: record {
        ## From Content-Disposition or Content-Type.
        filename: string &optional;
    };

    # So many files of a side are listed in a row; a handler of the hook may `break` to go on.
    option max_files_orig = 15;
    option max_files_resp = 15;
    global max_files_policy: hook(f: fa_file, is_orig: bool);

    redef record Info += {
        orig_fuids: vector of string &log &optional;
        orig_filenames: vector of string &log &optional;
        orig_mime_types: vector of string &log &optional;
        resp_fuids: vector of string &log &optional;
        resp_filenames: vector of string &log &optional;
        resp_mime_types: vector of string &log &optional;
        ## The part whose headers are being seen.
        current_entity: Entity &optional;
        # How many parts have begun.
        orig_mime_depth: count &default=0;
        resp_mime_depth: count &default=0;
    };

    redef record fa_file += {
        http: HTTP::Info &optional;
    };
}

event http_begin_entity(c: connection, is_orig: bool) &priority=10 {
    set_state(c, is_orig);

    if (is_orig)
        ++c$http$orig_mime_depth;
    else
        ++c$http$resp_mime_depth;

    c$http$current_entity = Entity();
}

event http_end_entity(c: connection, is_orig: bool) &priority=5 {
    if (c?$http)
        delete c$http$current_entity;
}

event http_header(c: connection, is_orig: bool, name: string, value: string) &priority=3 {
    if (! c$http?$current_entity) {
        Reporter::conn_weird("missing_HTTP_entity", c, "", "HTTP");
        return;
    }

    local names_a_file = name == "CONTENT-DISPOSITION"
            ? /[fF][iI][lL][eE][nN][aA][mM][eE][[:blank:]]*\*?=/ in value
        : name == "CONTENT-TYPE" ? /[nN][aA][mM][eE][[:blank:]]*=/ in value
        : F;

    if (names_a_file)
        c$http$current_entity$filename = extract_filename_from_content_disposition(value);
}

# Whether a row that lists `listed` files of this side lists one more.
function has_room(f: fa_file, listed: count): bool {
    local limit = f$is_orig ? max_files_orig : max_files_resp;
    return listed < limit || ! hook max_files_policy(f, f$is_orig);
}

event file_over_new_connection(f: fa_file, c: connection, is_orig: bool) &priority=5 {
    if (f$source != "HTTP" || ! c?$http)
        return;

    local row = c$http;
    f$http = row;

    if (row?$current_entity && row$current_entity?$filename)
        f$info$filename = row$current_entity$filename;

    if (f$is_orig) {
        if (! has_room(f, row?$orig_fuids ? |row$orig_fuids| : 0))
            return;

        if (! row?$orig_fuids)
            row$orig_fuids = vector();

        row$orig_fuids += f$id;

        if (f$info?$filename) {
            if (! row?$orig_filenames)
                row$orig_filenames = vector();

            row$orig_filenames += f$info$filename;
        }
    }
    else {
        if (! has_room(f, row?$resp_fuids ? |row$resp_fuids| : 0))
            return;

        if (! row?$resp_fuids)
            row$resp_fuids = vector();

        row$resp_fuids += f$id;

        if (f$info?$filename) {
            if (! row?$resp_filenames)
                row$resp_filenames = vector();

            row$resp_filenames += f$info$filename;
        }
    }
}

event file_sniff(f: fa_file, meta: fa_metadata) &priority=5 {
    if (! f?$http || ! f?$is_orig || ! meta?$mime_type)
        return;

    local row = f$http;

    if (f$is_orig) {
        if (! has_room(f, row?$orig_mime_types ? |row$orig_mime_types| : 0))
            return;

        if (! row?$orig_mime_types)
            row$orig_mime_types = vector();

        row$orig_mime_types += meta$mime_type;
    }
    else {
        if (! has_room(f, row?$resp_mime_types ? |row$resp_mime_types| : 0))
            return;

        if (! row?$resp_mime_types)
            row$resp_mime_types = vector();

        row$resp_mime_types += meta$mime_type;
    }
}
