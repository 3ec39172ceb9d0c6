##! Payload of chosen TCP connections in files, one per direction.

@load base/utils/files

module Conn;

export {
    ## Names begin with this.
    option extraction_prefix = "contents";
    ## Both directions of all connections, unless a connection says otherwise.
    option default_extract = F;
}

redef record connection += {
    extract_orig: bool &default=default_extract;
    extract_resp: bool &default=default_extract;
};

function write_contents(c: connection, direction: count, suffix: string) {
    set_contents_file(c$id, direction, open(generate_extraction_filename(extraction_prefix, c, suffix)));
}

event connection_established(c: connection) &priority=-5 {
    if (c$extract_orig)
        write_contents(c, CONTENTS_ORIG, "orig.dat");

    if (c$extract_resp)
        write_contents(c, CONTENTS_RESP, "resp.dat");
}
