##! A connection's four-tuple as one line.

module GLOBAL;

export {
    ## "10.0.0.1:1234 > 10.0.0.2:80"
    global id_string: function(id: conn_id): string;
    ## "10.0.0.1:1234 < 10.0.0.2:80"
    global reverse_id_string: function(id: conn_id): string;
    ## The arrow points where the data of that side goes.
    global directed_id_string: function(id: conn_id, is_orig: bool): string;
}

function id_string(id: conn_id): string {
    return directed_id_string(id, T);
}

function reverse_id_string(id: conn_id): string {
    return directed_id_string(id, F);
}

function directed_id_string(id: conn_id, is_orig: bool): string {
    return fmt("%s:%d %s %s:%d", id$orig_h, id$orig_p, is_orig ? ">" : "<", id$resp_h, id$resp_p);
}
