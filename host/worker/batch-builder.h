#pragma once
// One open batch: the items that a subscriber gets with the next call, built in place in the
// request.
//
// Worker thread only. Values, texts and object updates are copied when an item is added, so nothing
// that the caller passes has to live longer. A connection or file goes in whole the first time this
// subscriber meets it, and afterwards only what changed (ConnectionState::sent).

#include "host/events/catalog.h"
#include "host/events/state.h"
#include "host/events/value.h"
#include "host/worker/demand.h"
#include "schemas/batch.capnp.h"

#include <capnp/message.h>

#include <cstdint>
#include <span>
#include <vector>

namespace bulkhead::worker {

// When, and by what, an item comes about.
struct Clock {
  double networkTime = 0;
  double dueTime = 0;
  uint64_t packetSeq = 0;
  uint32_t analyzer = 0;    // at work; 0: none
  uint32_t wireLength = 0;  // of the packet
  uint64_t packets = 0;     // captured so far
  uint64_t bytes = 0;       // of those on the wire
};

class BatchBuilder {
 public:
  // `batch` is the parameter of the request under construction and outlives the builder.
  // `likelyItems` is how many there will be, roughly.
  BatchBuilder(schemas::Batch::Builder batch, uint32_t subscriber, const Demand& demand,
               size_t likelyItems);

  void addEvent(uint64_t seq, const Clock& clock, events::EventId event,
                std::span<const events::Value> args, std::span<const uint8_t> packet);
  void addForget(uint64_t seq, const Clock& clock, const events::ConnectionState& connection);
  void addForget(uint64_t seq, const Clock& clock, const events::FileState& file);
  void addForgetConnection(uint64_t seq, const Clock& clock, uint64_t number);
  void addForgetFile(uint64_t seq, const Clock& clock, uint64_t number);
  void addTick(uint64_t seq, const Clock& clock);
  void addEndOfTrace(uint64_t seq, const Clock& clock);
  void addPacketTime(uint64_t seq, double time);
  // The analysis drains here: closes the group of items added since the last call. False if there
  // is none.
  bool endGroup();
  bool hasOpenGroup() const { return grouped_ != items_.size(); }

  size_t items() const { return items_.size(); }
  size_t eventCount() const { return events_; }
  size_t packetTimes() const { return times_.size(); }
  bool empty() const { return items_.empty() && times_.empty(); }
  // An estimate, for closing batches and for the window.
  size_t bytes() const { return bytes_; }
  uint64_t firstSeq() const { return firstSeq_; }
  uint64_t lastSeq() const { return lastSeq_; }

  // Writes the lists. Nothing may be added afterwards.
  void close();

 private:
  using Values = capnp::List<schemas::Value>;
  struct PacketTime {
    double time;
    uint64_t seq;
  };
  static constexpr uint32_t noExtra = UINT32_MAX;
  struct Entry {
    schemas::Item::Which kind;
    uint16_t event = 0;
    uint32_t packetsBefore = 0;
    uint64_t seq = 0;
    uint64_t number = 0;
    Clock clock;
    bool drainAfter = false;
    uint32_t extra = noExtra;
    capnp::Orphan<Values> args;
  };
  // What few items have, apart from them: an entry is moved about.
  struct Extra {
    capnp::Orphan<capnp::List<schemas::ConnectionUpdate>> connections;
    capnp::Orphan<capnp::List<schemas::FileUpdate>> files;
    capnp::Orphan<capnp::Data> packet;
  };

  Entry& add(schemas::Item::Which kind, uint64_t seq, const Clock& clock);
  Extra& extra(Entry& of);
  void collect(const events::Value& value);
  void meet(events::ConnectionState& connection);
  void meet(events::FileState& file);
  void write(schemas::Value::Builder to, const events::Value& from);
  void write(schemas::ConnectionUpdate::Builder to, events::ConnectionState& from);
  void write(schemas::FileUpdate::Builder to, events::FileState& from);
  events::SentState& sent(events::ConnectionState& connection) const;
  bool changed(events::ConnectionState& connection) const;

  schemas::Batch::Builder batch_;
  capnp::Orphanage orphanage_;
  uint32_t subscriber_;
  const Demand& demand_;
  std::vector<Entry> items_;
  std::vector<Extra> extras_;
  std::vector<PacketTime> times_;
  std::vector<events::ConnectionState*> connections_;  // of the item being added, that changed
  std::vector<events::FileState*> files_;
  size_t grouped_ = 0;  // items that are in closed groups
  size_t events_ = 0;
  size_t bytes_ = 0;
  uint64_t firstSeq_ = 0;
  uint64_t lastSeq_ = 0;
};

}  // namespace bulkhead::worker
