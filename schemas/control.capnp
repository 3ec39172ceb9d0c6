@0xf47b02c9d6a18e35;
# Conversations inside the host: supervisor, worker, logger. All trusted, though the worker parses
# hostile bytes: supervisor and logger check what it says as they would a compartment's.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("bulkhead::schemas");
using import "rows.capnp".LogDescriptor;
using import "rows.capnp".Row;
using import "rows.capnp".RowBatch;
using import "rows.capnp".Origin;
using import "package.capnp".Settings;
using import "package.capnp".Report;
using import "package.capnp".Redef;
using import "overview.capnp".Overview;
using import "value.capnp".Value;

interface Worker {
  # Exported by a worker to the supervisor.
  attach @0 (compartment :Compartment, socket :Socket) -> (loaded :Attached);
  # Loads and subscribes; answers when the compartment has loaded or failed. Live also while the run
  # goes on, for a compartment that ended: a new process under its index, which sees only
  # connections that begin from then on.

  run @1 () -> (result :Result);
  # Reads packets until the end of the trace, `stop`, or an error. Answers when all compartments
  # have finished.

  stop @2 () -> ();
  # Finish as at the end of the trace.

  open @3 (supervisor :Supervisor, options :Options)
      -> (error :Text, linkType :Text, linkTypeNumber :UInt32);
  # Called once, first. The logger is reached by a socket of its own, so that rows do not pass the
  # supervisor. Opens the capture (whose descriptor the worker inherited) and locks the
  # worker down. `error` is for the user: what is wrong with the capture or the filter.
}

interface Socket {
  # Carries a descriptor (SCM_RIGHTS): Cap'n Proto passes descriptors as those of capabilities.
}

struct Options {
  captureName @0 :Text;          # for messages; empty: no capture, scripts only
  filter @1 :Text;               # BPF expression
  ignoreChecksums @2 :Bool;
  live @3 :Bool;
  seeds @4 :List(UInt32);        # of ZEEK_SEED_FILE; empty: drawn at random
  captureSize @5 :UInt64;        # bytes, for the progress bar; 0: not known
  linkType @8 :UInt32;           # live: of the packet socket, as libpcap numbers them
  stallSeconds @6 :UInt32;       # a compartment that neither answers nor computes so long is ended
  maxQueueBytes @7 :UInt64;      # sent and not acknowledged, per compartment
}

struct Compartment {
  index @0 :UInt32;              # order of delivery and of merging: site is 0, packages by name
  settings @1 :Settings;
  isSite @2 :Bool;
}

struct Attached {
  ready @0 :Bool;
  diagnostics @1 :List(Text);
  reason @2 :Text;               # if not ready
  standardLoads @3 :List(Text);  # as Loaded's
  redefs @4 :List(Redef);
  errors @5 :UInt32;             # as Loaded's
  applied @6 :List(Bool);        # as Loaded's
  overview @7 :Overview;         # as Loaded's, unchecked
}

struct Result {
  packets @0 :UInt64;
  bytes @1 :UInt64;
  firstTime @2 :Float64;
  lastTime @3 :Float64;
  error @4 :Text;                # "" or "FILE: offset N: truncated ..." 
  subscribers @5 :List(Subscriber);
  terminated @6 :Bool;
  dropped @7 :UInt64;            # live: packets for which the kernel had no room
}

struct Subscriber {
  index @0 :UInt32;
  events @1 :UInt64;             # delivered and acknowledged
  generated @2 :UInt64;
  gaps @3 :List(Gap);
  rows @4 :UInt64;
  report @5 :Report;
  protocolViolation @6 :Text;    # "" or what it did
  struct Gap {
    firstSeq @0 :UInt64;
    lastSeq @1 :UInt64;
    reason @2 :Text;
    events @3 :UInt64;
  }
}

interface Supervisor {
  # Given to a worker.
  readSource @0 (compartment :UInt32, target :Text, from :Text)
      -> (found :Bool, path :Text, text :Data, origin :Origin, refused :Text);
  report @1 (compartment :UInt32, level :UInt8, text :Text, location :Text) -> stream;
  end @2 (compartment :UInt32, reason :Text, violation :Bool) -> ();
  # Asks for the compartment to be killed: it broke the protocol or ran out of its limits
  # (violation), or its connection is gone.
  progress @3 (packets :UInt64, bytes :UInt64, time :Float64) -> stream;
  request @4 (compartment :UInt32, function :Text, args :List(Value)) -> (result :Value, refused :Text);
  silent @5 (compartment :UInt32) -> (cpuNanoseconds :UInt64);
  # The worker waits for this compartment. Answers the CPU time that it has used, by which the worker
  # tells one that computes from one that will never answer.
  gap @6 (compartment :UInt32, gap :Subscriber.Gap) -> ();
  # Live: a gap that has come to its end. The result of the run has all of them again.
  listening @7 (linkType :Text) -> ();
  # Live: every compartment has begun; packets are looked at from here on.
}

interface Logger {
  # Exported by the logger; each worker holds one. Rows of all compartments merge in the order of
  # (seq, compartment index); a contribution joins the site's row of the same root seq.
  configure @0 (compartments :UInt32, violations :Violations, live :Bool) -> ();
  # Once, first. `compartments` counts the site, whose index is 0. Live, marks may be ahead of rows:
  # a row that comes after its turn is written where the log stands, a contribution is unmatched.
  openLog @1 (compartment :UInt32, log :LogDescriptor) -> stream;
  writeRows @2 (compartment :UInt32, batches :List(List(Row))) -> stream;
  # What the compartment wrote at several times, oldest first.
  print @3 (compartment :UInt32, text :Data, seq :UInt64) -> stream;
  mark @4 (compartment :UInt32, seq :UInt64) -> stream;
  # All that this compartment will ever write for items up to seq has been sent.
  gone @5 (compartment :UInt32) -> stream;
  # It ended: what it did not write will not come; its pending contributions are dropped.
  finish @6 (networkTime :Float64) -> (counts :List(Count), error :Text);
  struct Count {
    compartment @0 :UInt32;
    rows @1 :UInt64;             # own rows written
    joined @2 :UInt64;           # contributions that met their row
    unmatched @3 :UInt64;        # contributions that did not
    refused @4 :UInt64;          # rows for which it has no grant
  }
  packagesLog @7 (log :LogDescriptor, batch :RowBatch, last :Bool) -> (error :Text);
  # Rows of packages.log, by the supervisor: as things happen, and the `last` after `finish`, whose
  # counts it holds. The first call makes the file, with `log`.
  settle @8 () -> ();
  # Answers when all that was sent before it over the same connection has been taken. A worker calls
  # it last: a streaming call returns to its sender before it arrives, and `finish` comes over
  # another connection.
  again @9 (compartment :UInt32) -> stream;
  # After `gone`: a new process of this compartment, whose logs are numbered from 0 again. Nobody's
  # rows wait for it before its first mark.
  flush @10 () -> stream;
  # Live: rows are on disk soon although little happens.
}

interface Violations {
  # Told by the logger, at most once for a compartment: what it did wrong. Nothing more of it is
  # taken; the receiver has it ended.
  violation @0 (compartment :UInt32, text :Text) -> stream;
}
