@0xe8a4c2f1905d7b36;
# Log streams and rows: from a compartment through its worker to the logger.
#
# The compartment is hostile. Worker and logger check every number, size and name; what they refuse
# ends the compartment with a protocol violation that says why.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("bulkhead::schemas");
using import "value.capnp".Value;

const maxRowBytes :UInt32 = 1048576;        # one row, as text
const maxColumns :UInt32 = 1024;
const maxOpenLogs :UInt32 = 256;            # per compartment
const maxPathBytes :UInt32 = 255;
const maxNameRules :UInt32 = 4096;          # names in each list of a filter's rules
const maxRowsPerBatch :UInt32 = 1024;

enum Origin { base @0; site @1; package @2; }

struct Column {
  name @0 :Text;                   # after field_name_map and scope_sep: "id.orig_h"
  type @1 :Text;                   # Zeek's header text: "addr", "set[string]", ...
  origin @2 :Origin;               # who declared the field
  optional @3 :Bool;
  identifying @4 :Bool;            # uid, fuid, id.*, ts, ...: what rows are joined on
}

struct LogDescriptor {
  # One (stream, filter, path) as the compartment's Logging framework opened it. `id` is the
  # compartment's own number, dense from 0, never reused. Opening creates no file: the file comes
  # with the first row. Streams with a fixed path are opened at the end of zeek_init, so that the
  # logger knows all columns of a shared log before its first row.
  id @0 :UInt32;
  stream @1 :Text;                 # "Conn::LOG"
  filter @2 :Text;                 # "default"
  path @3 :Text;                   # "conn"; checked: no "/" escapes, no control bytes
  writer @4 :Text;                 # "Log::WRITER_ASCII", "Log::WRITER_NONE"
  config @5 :List(Option);         # the filter's $config over the LogAscii::* options in force
  columns @6 :List(Column);
  standard @7 :Bool;               # stream and filter are the base library's: the site has them too
  rotationInterval @8 :Float64;    # seconds; 0: never
  postprocessor @9 :Text;
  standardStream @10 :Bool;
  # The stream is the base library's, whatever the filter is: columns that other packages added to it
  # belong into this filter's rows too, by `names`.
  names @11 :NameRules;
}

struct NameRules {
  # The filter's $include, $exclude, $field_name_map and $scope_sep.
  restricted @0 :Bool;             # only those of `include`
  include @1 :List(Text);
  exclude @2 :List(Text);
  renames @3 :List(Option);
  scopeSeparator @4 :Text;
}

struct Option {
  key @0 :Text;
  value @1 :Text;
}

struct Row {
  log @0 :UInt32;                  # LogDescriptor.id
  seq @1 :UInt64;                  # the item that was being handled: rows merge in this order
  rootSeq @2 :UInt64;              # the item that this write descends from: rows join on it
  contribution @3 :Bool;
  # A whole row goes to the log as it is. A contribution only fills columns of the site's row:
  # identifying columns, columns of origin `package`, and set or vector columns of the base, whose
  # added elements are united with the site's.
  identity @5 :UInt64;
  # Of the record that was written: a digest of its identifying fields, whatever the filter shows of
  # them. 0 for streams that are not the base library's. Rows of two compartments with the same
  # stream, root seq and identity are one.
  values @4 :List(Value);          # one per column, in column order; enums as enumName
}

struct RowBatch {
  rows @0 :List(Row);
}
