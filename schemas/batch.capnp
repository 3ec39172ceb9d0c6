@0xb3d5a9e07c614f28;
# What a worker sends to a compartment: events in order, with the objects they name.
#
# The worker is trusted by the compartment; the compartment is trusted by nobody. Items are in the
# order of their seq, which is strictly increasing over all batches of one compartment but not
# dense: a subscriber sees only what it demands.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("bulkhead::schemas");
using import "value.capnp".Value;
using import "value.capnp".Address;

const maxBatch :UInt32 = 1024;
# Items in one batch.

const maxPacketTimes :UInt32 = 65536;
# Packet times in one batch.

struct ConnId {
  origHost @0 :Address;
  respHost @1 :Address;
  origPort @2 :UInt32;    # as Value.port
  respPort @3 :UInt32;
  protocol @4 :UInt32;    # IP protocol; 65535 unknown
}

struct Endpoint {
  size @0 :UInt64;
  state @1 :UInt32;
  packets @2 :UInt64;
  ipBytes @3 :UInt64;
  flowLabel @4 :UInt32;
  l2Addr @5 :Text;        # empty: none
}

struct Encapsulation {
  id @0 :ConnId;
  type @1 :UInt32;        # Tunnel::Type of the catalog
  uid @2 :Text;
}

struct ConnectionUpdate {
  # The fields of a connection that changed since this compartment last heard of it. The first
  # update of a number carries `intro`. After `forget` the number is not used again.
  number @0 :UInt64;
  intro @1 :Intro;                 # null unless first (or the sides were flipped)
  struct Intro {
    uid @0 :Text;
    id @1 :ConnId;
    startTime @2 :Float64;
    tunnel @3 :List(Encapsulation);
    vlan @4 :Int32 = -1;           # -1: none
    innerVlan @5 :Int32 = -1;
  }
  duration @2 :Float64;            # seconds; always current
  orig @3 :Endpoint;               # null: unchanged
  resp @4 :Endpoint;               # null: unchanged
  services @5 :List(Text);         # null: unchanged
  history @6 :Text;                # null: unchanged; else the whole history
  analyzers @7 :List(Analyzer);
  # Null: unchanged, or the demand does not ask. Those at work, the transport protocol's first,
  # without what this compartment has taken off.
  struct Analyzer {
    id @0 :UInt32;                 # never 0, and not used again in the run
    tag @1 :UInt32;                # Analyzer::Tag of the catalog
  }
}

struct FileUpdate {
  number @0 :UInt64;
  intro @1 :Intro;                 # null unless first
  struct Intro {
    id @0 :Text;                   # fuid
    parentId @1 :Text;             # empty: none
    source @2 :Text;
    isOrig @3 :Int8 = -1;          # 0, 1, or -1: unset
  }
  connections @2 :List(UInt64);    # numbers of the connections that carry it
  lastActive @3 :Float64;
  seenBytes @4 :UInt64;
  totalBytes @5 :UInt64 = 0xffffffffffffffff;   # all ones: unset
  missingBytes @6 :UInt64;
  overflowBytes @7 :UInt64;
  timeoutInterval @8 :Float64;     # seconds
  bofBufferSize @9 :UInt64;
  bofBuffer @10 :Data;             # null: unset or unchanged
}

struct Item {
  seq @0 :UInt64;
  networkTime @1 :Float64;         # network_time() while this item is handled
  dueTime @2 :Float64;
  # For an event that a worker's timer raised: the time the timer was due. The compartment fires its
  # own timers up to that time first, so that both sides' timers run in one order. 0: not by a timer.
  union {
    tick @3 :Void;                 # only time moved: fire the timers that are due
    event :group {
      id @4 :UInt16;               # EventId of the catalog
      args @5 :List(Value);
    }
    forgetConnection @6 :UInt64;
    forgetFile @7 :UInt64;
    endOfTrace @11 :Void;          # no packet follows: pending removals come as events after this
    package @12 :Package;          # an event published by the package elsewhere
  }
  struct Package {
    name @0 :Text;
    args @1 :List(Value);
  }
  connections @8 :List(ConnectionUpdate);   # apply before the item
  files @9 :List(FileUpdate);
  rawPacket @10 :Data;             # null unless the demand asks for get_current_packet
  packetsBefore @13 :UInt32;
  # How many of the batch's packetTimes are to be handled before this item.
  drainAfter @14 :Bool;
  # The last item of its drain group: queue the events of all items up to it, then drain. Every batch
  # ends at a drain point, unless one group alone is more than a batch.
  packetSeq @15 :UInt64;
  # The cause of what the compartment's own timers write that fire because of this item (up to dueTime,
  # or to networkTime): the same number in every compartment, so that their rows join.
  analyzer @16 :UInt32;
  # The id of the analyzer that raised the event; 0: none, or the demand does not ask.
  capture @17 :CaptureFigures;
  # Null unless the demand asks, and before the end of a drain group.
  rawPacketLength @18 :UInt32;     # of rawPacket on the wire
}

struct CaptureFigures {
  # What was captured up to and including the packet of an item.
  packets @0 :UInt64;
  bytes @1 :UInt64;                # on the wire
}

struct Batch {
  items @0 :List(Item);            # at most maxBatch
  packetTimes @1 :List(PacketTime);   # at most maxPacketTimes
  # Offline, for a compartment that may have timers: the times of the packets, oldest first. A timer
  # fires with the first packet at or past its due time, so the
  # compartment fires it at the time it would have fired at with every packet seen, without
  # asking or being asked. Sent instead of ticks, whose need would be known only after a round trip.
  #
  # A packet's time comes after the items of that packet that a worker's timer raised (dueTime), and
  # before its other items. Where no item of the same packet (an equal networkTime) follows, it is a
  # drain group of its own: set the clock, fire the timers, drain.

  struct PacketTime {
    time @0 :Float64;
    seq @1 :UInt64;                # the cause of what a timer fired at this time writes
  }
}
