##! Names for container types, so that function signatures and log columns can spell them.

module GLOBAL;

type string_array: table[count] of string;
type string_any_table: table[string] of any;
type table_string_of_string: table[string] of string;
type table_string_of_count: table[string] of count;

type string_set: set[string];
type subnet_set: set[subnet];
type addr_set: set[addr];
type count_set: set[count];
type interval_set: set[interval];
type files_tag_set: set[Files::Tag];

type index_vec: vector of count;
type int_vec: vector of int;
type double_vec: vector of double;
type subnet_vec: vector of subnet;
type addr_vec: vector of addr;
type string_vec: vector of string;
type any_vec: vector of any;
type x509_opaque_vector: vector of opaque of x509;

## Turns a field name into the one to look for or to write.
type string_mapper: function(s: string): string;

# Containers of records that the catalog declares.
type mime_matches: vector of mime_match;
type mime_header_list: table[count] of mime_header_rec;
type dns_svcb_param_vec: vector of dns_svcb_param;
