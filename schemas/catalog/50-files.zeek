# The files framework. `fa_file` travels as a reference, like `connection`.

type mime_match: record {
	strength: int;
	mime: string;
};

type fa_metadata: record {
	mime_type: string &optional;                    # the strongest match
	mime_types: vector of mime_match &optional;     # all, strongest first
	inferred: bool &default=T;                      # by content, not by what the protocol said
};

type entropy_test_result: record {
	entropy: double;
	chi_square: double;
	mean: double;
	monte_carlo_pi: double;
	serial_correlation: double;
};

# Asked before a protocol's file is named; what the host would use stands if nobody answers.
global get_file_handle: event(tag: Analyzer::Tag, c: connection, is_orig: bool);
global file_new: event(f: fa_file);
global file_over_new_connection: event(f: fa_file, c: connection, is_orig: bool);
global file_sniff: event(f: fa_file, meta: fa_metadata);
global file_timeout: event(f: fa_file);
global file_gap: event(f: fa_file, offset: count, len: count);
global file_reassembly_overflow: event(f: fa_file, offset: count, skipped: count);
global file_state_remove: event(f: fa_file);
global file_hash: event(f: fa_file, kind: string, hash: string);
global file_entropy: event(f: fa_file, ent: entropy_test_result);
global file_extraction_limit: event(f: fa_file, args: any, limit: count, len: count);

# Contents for Files::ANALYZER_DATA_EVENT: `handler` is the name of the package's own event, which its
# compartment raises with the remaining arguments. Others ignore it.
module Files;
export {
global chunk_data_: event(f: fa_file, handler: string, data: string, off: count);
global stream_data_: event(f: fa_file, handler: string, data: string);
}
