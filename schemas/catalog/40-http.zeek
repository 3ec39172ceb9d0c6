# HTTP/1.x (RFC 9112), and the MIME entities (RFC 2045) that its messages and mail are made of.

type mime_header_rec: record {
	original_name: string;
	name: string;                  # upper case
	value: string;
};

type http_stats_rec: record {
	num_requests: count;
	num_replies: count;
	request_version: double;
	reply_version: double;
};

type http_message_stat: record {
	start: time;                   # when the request or status line was complete
	interrupted: bool;
	finish_msg: string;            # how it ended, in words
	body_length: count;
	content_gap_length: count;     # of body_length, what was not seen
	header_length: count;          # with the first line, without line ends
};

global http_request: event(c: connection, method: string, original_URI: string, unescaped_URI: string, version: string);
global http_reply: event(c: connection, version: string, code: count, reason: string);
global http_header: event(c: connection, is_orig: bool, original_name: string, name: string, value: string);
global http_header: event(c: connection, is_orig: bool, name: string, value: string);
# Keys count from 1, in order of appearance.
global http_all_headers: event(c: connection, is_orig: bool, hlist: table[count] of mime_header_rec);
global http_begin_entity: event(c: connection, is_orig: bool);
global http_end_entity: event(c: connection, is_orig: bool);
global http_entity_data: event(c: connection, is_orig: bool, length: count, data: string);
global http_content_type: event(c: connection, is_orig: bool, ty: string, subty: string);
global http_message_done: event(c: connection, is_orig: bool, stat: http_message_stat);
global http_event: event(c: connection, event_type: string, detail: string);
global http_stats: event(c: connection, stats: http_stats_rec);
global http_connection_upgrade: event(c: connection, protocol: string);

global mime_begin_entity: event(c: connection);
global mime_end_entity: event(c: connection);
global mime_one_header: event(c: connection, h: mime_header_rec);
global mime_all_headers: event(c: connection, hlist: table[count] of mime_header_rec);
global mime_segment_data: event(c: connection, length: count, data: string);
global mime_entity_data: event(c: connection, length: count, data: string);
global mime_all_data: event(c: connection, length: count, data: string);
global mime_event: event(c: connection, event_type: string, detail: string);
global mime_content_hash: event(c: connection, content_len: count, hash_value: string);
global mime_content_hash_sha256: event(c: connection, content_len: count, hash_value: string);
