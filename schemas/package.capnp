@0x9d21f6b3c8e05a74;
# The conversation between a worker (host side) and one compartment, over the one socket that the
# compartment inherits. The compartment is the hostile side: it exports Package as its bootstrap
# and gets a Host capability in `load`. The worker checks every argument and never waits for it
# without a limit (host/worker/limits.h).
#
# A dropped Host capability or a closed socket means: stop. A closed socket seen by the worker means
# that the compartment ended; items not yet acknowledged count as lost.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("bulkhead::schemas");
using import "value.capnp".Value;
using import "batch.capnp".Batch;
using import "batch.capnp".CaptureFigures;
using import "rows.capnp".LogDescriptor;
using import "rows.capnp".RowBatch;
using import "rows.capnp".Origin;
using import "overview.capnp".Overview;

const maxPublishedAtOnce :UInt32 = 256;

interface Package {
  load @0 (host :Host, settings :Settings) -> (loaded :Loaded);
  # Reads and compiles the scripts. Called once, first.

  start @1 (networkTime :Float64, seq :UInt64)
      -> (state :TimerState, answers :List(Answer), options :List(OptionValue));
  # Runs zeek_init. Called once, after load answered without errors. What zeek_init writes carries
  # `seq` as its cause, and so do the answers that it gave. `options` are those of
  # Settings.wantedOptions that exist, as they stand after zeek_init.

  deliver @2 (batch :Batch) -> (answers :List(Answer), state :TimerState);
  # Items in order. Counts as delivered when the call returns; Host calls that a batch caused are
  # sent before that return. Several may be on their way. Not `-> stream`: the worker wants to
  # know what was acknowledged, and keeps the window itself (host/worker/limits.h). Where the
  # analysis waits for answers (end of packet, file_new, ...) it waits for this return.

  finish @3 (networkTime :Float64, seq :UInt64, capture :CaptureFigures) -> (report :Report);
  # Pending timers, then zeek_done. Nothing is delivered afterwards.
}

struct Settings {
  name @0 :Text;                        # the package's (or "site")
  scripts @1 :List(Script);             # in load order, after the base library
  struct Script {
    target @0 :Text;                    # what `@load` would name
    origin @1 :Origin;
  }
  options @2 :List(Assignment);         # Module::option=value from the command line
  struct Assignment {
    name @0 :Text;
    value @1 :Text;
  }
  bare @3 :Bool;
  offline @4 :Bool;                     # reading a trace
  commands @5 :List(Text);              # script text given with -e
  seeds @6 :List(UInt32);               # of the random functions; empty: fixed default
  budget @7 :UInt64;                    # VM instructions a handler may take before it is abandoned; 0: none
  maxAbandoned @8 :UInt32;              # handlers abandoned before the package is ended; 0: no end
  memorySoftLimit @9 :UInt64;           # bytes of script heap; 0: none
  warnUnused @10 :Bool;                 # -u
  prefixes @11 :List(Text);
  wantedOptions @12 :List(Text);
  # Site only: globals and options whose values the analysis in the worker goes by
  # ("likely_server_ports", "MIME::max_depth").
  sharedLibrary @13 :Bool;
  # The ScriptLibrary that the zygote was given is what this compartment's `@load base/...` means:
  # nothing on its search path stands before it. It may then start from the zygote's analysis.
  packagesBeside @14 :Bool;
  # Site only: its `redef`s may use names that packages declare; see Loaded.redefs.
  redefs @15 :List(Redef);
  # Packages only: the site's. One that uses a name which is not declared here is passed over.
  seedsGiven @16 :Bool;
  # The seeds are the operator's choice: tables and sets are walked as Zeek walks them with these.
  facts @17 :Facts;
  struct Facts {
    # What scripts may ask about the run.
    packetSource @0 :Text;              # file or interface; empty: there are no packets
    linkType @1 :UInt32;                # as libpcap numbers them
    arguments @2 :List(Text);           # the command line; of the operator's own scripts only
    hostName @3 :Text;
    workingDirectory @4 :Text;          # what the names of the operator's own scripts are relative to
  }
  prune @18 :Bool;
  # Packages only: leave out what the package cannot notice of the base library.
  startErrorsEnd @19 :Bool;
  # Site only: a run-time error up to the end of zeek_init ends the run, as in Zeek.
  overview @20 :Bool;
  # Fill in Loaded.overview.
}

struct Redef {
  # A `redef` of a variable that the operator's scripts make, to be said again in another compartment.
  module @0 :Text;                      # in which it stands: "HTTP", "GLOBAL"
  text @1 :Text;                        # the statement as written, to its semicolon
  file @2 :Text;                        # where it stands, for messages
  line @3 :UInt32;
  names @4 :List(Text);
  # Names in it that the site does not know, so that they must be some package's. Empty: it is worded
  # in names of the standard library alone and holds in every compartment, the site's too.
  unknown @5 :Text;                     # what to tell the operator if no compartment knows the names
}

struct ScriptLibrary {
  # From the supervisor to the zygote, through a descriptor of a memory file: the scripts beneath
  # base/ of the standard library, read and analysed once and shared by all forks. The host's own
  # text, so that the zygote, which nothing of a package enters, may read it before it serves.
  files @0 :List(File);
  struct File {
    path @0 :Text;                      # as readSource answers it
    text @1 :Data;
  }
}

struct OptionValue {
  # A script variable. Scalars as they are; a set with one index column, or a vector, is the list of
  # its elements.
  name @0 :Text;
  value @1 :Value;
}

struct Loaded {
  diagnostics @0 :List(Text);           # "file:line: error: ..." whole, with the line and the caret
  errors @1 :UInt32;                    # how many of them are errors; above 0: the compartment will not start
  demand @2 :Demand;
  standardLoads @3 :List(Text);
  # Site only: what it loaded of the standard library beyond the default, in order. Packages'
  # compartments load the same (the site overlay).
  redefs @4 :List(Redef);
  # Site only: those of its redefs that hold elsewhere.
  applied @5 :List(Bool);
  # Packages only: which of Settings.redefs it applied, in their order.
  overview @6 :Overview;
  # If the settings ask for it; also of scripts that have errors, as far as they were understood.
}

struct Demand {
  # What the package needs of the worker. The worker cuts it down to the grant.
  events @0 :List(UInt16);              # catalog EventIds that some handler handles
  answers @1 :List(Text);               # names of reachable functions that steer the analysis
  rawPackets @2 :Bool;                  # get_current_packet and its kind
  fieldsOfConnection @3 :List(Text);    # "orig.size", "history", ...: an empty list means all
  answeringEvents @4 :List(UInt16);
  # The events from whose handlers one of `answers` is reachable. Only they make the analysis wait
  # at its drain points; empty with `answers` not empty means that any event may answer.
  laterAnsweringEvents @6 :List(UInt16);
  # Those whose answers need not be there when the event is drained (an inactivity timeout, how a
  # file is reassembled): they are waited for before they are used or trace time goes on, several
  # events in one exchange. Not counted for the rule about an empty `answeringEvents`.
  registeredAnsweringEvents @7 :List(UInt16);
  # Of answeringEvents those that are answered only if somebody registered for what they are about:
  # file_sniff, by MIME type (Files::__register_for_mime_type, an answer itself).
  captureFigures @9 :Bool;
  # Asks how much was captured.
  analyzers @8 :Bool;
  # Asks which analyzers a connection has and which of them raised an event, or takes one off.
  timers @5 :Bool = true;
  # May schedule, expire or otherwise have timers: wants the packets' times (offline) or ticks (live).
}

struct TimerState {
  next @0 :Float64;                     # due time of the earliest pending timer; 0: none
}

struct Answer {
  # Steers the analysis. Applied in package-name order.
  seq @0 :UInt64;                       # the item that was being handled
  function @1 :Text;                    # "Files::__add_analyzer"
  args @2 :List(Value);
  fromBase @3 :Bool;                    # no frame of site or package on the path: counts from the site only
}

struct Report {
  state @0 :TimerState;
  instructions @1 :UInt64;              # VM instructions executed
  abandoned @2 :UInt64;                 # handlers stopped by the budget
  errors @3 :UInt64;                    # run-time errors
  heapPeak @4 :UInt64;                  # bytes
  exitStatus @5 :UInt32;
  terminated @6 :Bool;                  # terminate() was called
}

interface Host {
  # What a compartment may ask. Every call is checked against the grant and counted.

  readSource @0 (target :Text, from :Text)
      -> (found :Bool, path :Text, text :Data, origin :Origin, refused :Text);
  # Resolves an `@load` beneath the folders that this compartment may see. Only before `load` returns.
  # `refused`: a file is there, and this is why its text is not given. Empty: it is.

  openLog @1 (log :LogDescriptor) -> stream;
  writeRows @2 (batch :RowBatch) -> stream;

  print @3 (text :Data, seq :UInt64) -> stream;
  # Standard output of the scripts (or of a file opened by them: see writeFile).

  report @4 (report :Message) -> stream;
  struct Message {
    level @0 :Level;
    text @1 :Text;
    location @2 :Text;                  # "file:line" or empty
    seq @3 :UInt64;
  }
  enum Level { info @0; warning @1; error @2; fatal @3; abandoned @4; memory @5; }

  timer @5 (state :TimerState) -> stream;
  # The earliest pending timer changed: the worker sends a tick with the first packet at or past it.

  publish @6 (messages :List(Published)) -> stream;
  # At most maxPublishedAtOnce.
  struct Published {
    topic @0 :Text;
    event @1 :Text;
    args @2 :List(Value);
    seq @3 :UInt64;
  }

  request @7 (function :Text, args :List(Value)) -> (result :Value, refused :Text);
  # What reaches out of the compartment: files, commands, DNS, environment. Without a grant `refused`
  # names the grant and `result` is absent. With a result, `refused` says why it is no better.

  terminate @8 (seq :UInt64) -> stream;
}
