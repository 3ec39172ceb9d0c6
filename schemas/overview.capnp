@0xb51de2f07a9c4631;
# What a package demands and what is wrong with it, for `bulkhead check`: from the compartment, which
# is hostile, through the worker to the supervisor, which shows it and acts on nothing of it.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("bulkhead::schemas");

struct Place {
  file @0 :Text;                 # empty: nowhere
  line @1 :UInt32;               # from 1
  column @2 :UInt32;             # in bytes, from 1
}

struct Overview {
  problems @0 :List(Problem);    # by place
  struct Problem {
    error @0 :Bool;              # else a warning
    at @1 :Place;
    text @2 :Text;
    excerpt @3 :Text;            # the source line; with tabs as blanks and no control bytes
    missing @4 :Text;
    # What is wrong is that nothing declares this: "Conn::set_conn", "connection$ssl",
    # "@load policy/x".
    notes @5 :List(Note);
    struct Note {
      at @0 :Place;
      text @1 :Text;
    }
  }
  events @1 :List(Handled);
  hooks @2 :List(Handled);
  struct Handled {
    name @0 :Text;
    from @1 :From;
    bodies @2 :UInt32;
    at @3 :Place;
    enum From { host @0; library @1; package @2; nobody @3; }
  }
  fields @3 :List(FieldUse);
  struct FieldUse {
    record @0 :Text;             # declared by the base library
    path @1 :Text;               # "id.orig_h"
    read @2 :Bool;
    written @3 :Bool;
    added @4 :Bool;              # by the package
    logged @5 :Bool;
    at @6 :Place;
  }
  streams @4 :List(StreamUse);
  struct StreamUse {
    id @0 :Text;                 # empty: worked out at run time
    created @1 :Bool;
    written @2 :Bool;
    filtered @3 :Bool;
    at @4 :Place;
  }
  doors @5 :List(Door);
  struct Door {
    function @0 :Text;
    reach @1 :Text;              # "files", "commands", "environment", "lookups", "absent",
                                 # "packets", "analysis", "messages"
    at @2 :Place;
  }
  loads @6 :List(Load);
  struct Load {
    target @0 :Text;
    signatures @1 :Bool;
    at @2 :Place;
  }
  cut @7 :Bool;                  # there is more than a compartment may say
}
