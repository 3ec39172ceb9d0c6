#pragma once
// Where flow and analyzers put their events. The worker implements it over batches; unit tests
// bring a RecordingSink that keeps events as text.
//
// Worker thread only. raise() copies what it needs before it returns, so arguments may point to
// packet bytes. Nothing here fails: a subscriber that cannot take an event is the sink's business.

#include "host/events/catalog.h"
#include "host/events/state.h"
#include "host/events/value.h"

#include <span>
#include <string>
#include <vector>

namespace bulkhead::events {

class EventSink {
 public:
  virtual ~EventSink() = default;
  // True if at least one subscriber demands the event. Costs one bit test; ask before building
  // arguments, so that what no package asked for is not computed.
  virtual bool wants(EventId event) const = 0;
  // True if an answer to it is waited for at the next drain point.
  virtual bool awaits(EventId event) const { return wants(event); }
  virtual Arena& arena() = 0;
  // `args` in catalog order. Connection fields are those of this moment.
  virtual void raise(EventId event, std::span<const Value> args) = 0;
  // The same for an event about something that nobody registered for (a file of such a type): who
  // answers only to what was registered for is not waited for.
  virtual void raiseUnregistered(EventId event, std::span<const Value> args) { raise(event, args); }
  // Called at the points where Zeek drains its event queue: end of packet, file_new, file_sniff,
  // file_over_new_connection. Returns when every subscriber whose answers can matter has answered
  // and the answers are applied; a no-op where nobody can answer.
  virtual void drain() = 0;
  // Called before the analysis uses what an answer may have set that drain() need not wait for (how
  // a file is reassembled): returns when those answers are applied as well.
  virtual void settle() {}
  // The clock of all that is raised afterwards. flow calls it with each packet's time before the
  // packet's events. For a timer of the worker's own, `dueTime` is when it was due: the script
  // timers of a compartment that were due earlier fire first. 0 for what no timer raised.
  virtual void setClock(double networkTime, double dueTime) { (void)networkTime, (void)dueTime; }
  // The packet being analysed, for subscribers that ask for get_current_packet. Valid until the
  // next call; flow calls it beside setClock.
  virtual void setPacket(std::span<const uint8_t> packet, uint32_t wireLength) {
    (void)packet, (void)wireLength;
  }
  // The analyzer that raises what follows, on which connection; 0: none. It is not for subscribers
  // that have taken it off their view of the connection.
  virtual void setAnalyzer(uint32_t id, const ConnectionState* connection) {
    (void)id, (void)connection;
  }
  // A connection or file will not be named again after the events raised so far.
  virtual void forget(ConnectionState& connection) = 0;
  virtual void forget(FileState& file) = 0;

  void raise(EventId event, std::initializer_list<Value> args) {
    raise(event, std::span<const Value>(args.begin(), args.size()));
  }
};

// For tests: keeps "name(arg, arg)" lines; wants everything unless `only` names events.
class RecordingSink final : public EventSink {
 public:
  std::vector<EventId> only;
  std::vector<std::string> lines;

  bool wants(EventId event) const override;
  Arena& arena() override { return arena_; }
  using EventSink::raise;
  void raise(EventId event, std::span<const Value> args) override;
  void drain() override {}
  void forget(ConnectionState&) override {}
  void forget(FileState&) override {}

 private:
  Arena arena_;
};

std::string toText(const Value& value);

}  // namespace bulkhead::events
