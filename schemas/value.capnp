@0xc1f0b7a6d2e94b10;
# Typed values, as events, answers, messages and log rows carry them.
#
# Whoever reads a Value from a compartment checks it: kind against the declared type, sizes and
# nesting against the limits below. Null pointers read as empty text or list, never as absent.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("bulkhead::schemas");

const maxNesting :UInt32 = 16;
# Lists within lists. A value nested deeper is a protocol violation.

struct Address {
  # 16 bytes in network order; IPv4 as ::ffff:a.b.c.d.
  high @0 :UInt64;  # bytes 0 to 7, big-endian as a number
  low @1 :UInt64;   # bytes 8 to 15
}

struct Value {
  union {
    absent @0 :Void;              # an &optional field that is not set
    boolean @1 :Bool;
    count @2 :UInt64;
    integer @3 :Int64;
    real @4 :Float64;
    time @5 :Float64;             # seconds since 1970
    interval @6 :Float64;         # seconds
    text @7 :Data;                # bytes; not necessarily UTF-8
    addr @8 :Address;
    port @9 :UInt32;              # number | transport << 16 (0 unknown, 1 tcp, 2 udp, 3 icmp)
    subnet :group {
      prefix @10 :Address;
      width @11 :UInt8;           # 0..32 for IPv4, 0..128 for IPv6
    }
    enumeration @12 :UInt32;      # value in the catalog's enum; events only
    enumName @13 :Text;           # "Notice::ACTION_LOG"; rows and messages only
    list @14 :List(Value);        # record (positional), vector, set
    table @15 :List(Value);       # key, value, key, value, ...
    connection @16 :UInt64;       # number of a connection that this batch or an earlier one introduced
    file @17 :UInt64;             # likewise for fa_file
    pattern @18 :Data;
  }
}
