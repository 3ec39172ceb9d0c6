##! Notices about gaps in TCP connections.

@load base/frameworks/notice
@load base/utils/conn-ids

module Conn;

export {
    redef enum Notice::Type += {
        ## A retransmission had other data than the first transmission.
        Retransmission_Inconsistency,
        Content_Gap,
    };
}

event content_gap(c: connection, is_orig: bool, seq: count, length: count) {
    NOTICE(Notice::Info($note=Content_Gap, $conn=c,
        $msg=fmt("%s content gap (%s %d/%d)", id_string(c$id), is_orig ? ">" : "<", seq, length)));
}
