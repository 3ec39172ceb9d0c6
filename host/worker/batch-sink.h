#pragma once
// Events of the analysis into the batches of all subscribers, and their answers back.
//
// Worker thread, from the top level: drain() runs the event loop while it waits, so it must not be
// called from within a promise's callback. Owns the subscribers. A subscriber that ends is passed
// over from then on; it changes nothing for the others. Drain points, seq and packet times:
// schemas/batch.capnp.

#include "host/events/answers.h"
#include "host/events/sink.h"
#include "host/worker/subscriber.h"

#include <kj/async.h>

#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace bulkhead::worker {

class BatchSink final : public events::EventSink {
 public:
  BatchSink(Surroundings& surroundings, kj::WaitScope& waitScope);
  ~BatchSink() override;

  // Subscribers are added in the order of their index, before start().
  Subscriber& add(uint32_t index, kj::Own<kj::AsyncIoStream> socket);
  // Live, while the run goes on: a new process of a compartment that has ended. It is to be loaded
  // by the caller, gets zeek_init at a later admit(), and then sees what begins from there on.
  // Throws kj::Exception if there is none that ended.
  Subscriber& addAgain(uint32_t index, kj::Own<kj::AsyncIoStream> socket);
  // Who takes the answers; without one they are dropped.
  void setAnswerTarget(events::AnswerTarget* target) { target_ = target; }
  // Told of an answer that does not fit.
  using Refused = std::function<void(uint32_t subscriber, const std::string& why)>;
  void setRefused(Refused refused) { refused_ = std::move(refused); }

  // zeek_init everywhere, at `networkTime`: 0 where a trace's first packet sets the clock. Waits.
  // Afterwards wants() answers, and Subscriber::started() has what each said.
  void start(double networkTime = 0);
  // Hands the answers that zeek_init gave to the target. After start().
  void applyStartAnswers();
  // No packet follows: tell everybody. Removals come as events after it.
  void endOfTrace();
  // zeek_done everywhere, after everything is delivered. Waits until all rows are with the logger.
  void finish();

  // Between packets: what waits goes out, answers and rows of compartments come in, and those
  // of addAgain() are let in as far as they are. `idle`: no packet waits. Offline where a pipe is
  // idle.
  void flush(bool idle);
  // Live: with the next drain every compartment is told the time, whether or not it has a timer
  // due.
  void tickAll() { tickAll_ = true; }
  // Live: when a timer of a compartment is due for the first time; 0: none.
  double nextTimer() const;
  // Live: how many batches are out. Once there are none and nothing is due, nobody needs the
  // worker.
  size_t batchesInFlight() const;

  // The site's scripts called terminate().
  bool terminated() const;
  uint64_t seq() const { return seq_; }
  // How many subscribers there are that have not ended, as of the last drain.
  size_t alive() const { return alive_; }
  const std::vector<std::unique_ptr<Subscriber>>& subscribers() const { return subscribers_; }
  // One for each of subscribers(), earlier processes of it included.
  void describe(capnp::List<schemas::Subscriber>::Builder to) const;

  bool wants(events::EventId event) const override {
    return wanted_.test(static_cast<size_t>(event));
  }
  bool awaits(events::EventId event) const override {
    return awaited_.test(static_cast<size_t>(event));
  }
  events::Arena& arena() override { return arena_; }
  using EventSink::raise;
  void raise(events::EventId event, std::span<const events::Value> args) override;
  void raiseUnregistered(events::EventId event, std::span<const events::Value> args) override;
  void drain() override;
  void settle() override;
  void setClock(double networkTime, double dueTime) override;
  void setPacket(std::span<const uint8_t> packet, uint32_t wireLength) override {
    packet_ = packet;
    clock_.wireLength = wireLength;
    ++clock_.packets;
    clock_.bytes += wireLength;
  }
  void setAnalyzer(uint32_t id, const events::ConnectionState* connection) override {
    clock_.analyzer = id;
    analyzed_ = connection;
  }
  void forget(events::ConnectionState& connection) override;
  void forget(events::FileState& file) override;

 private:
  void addEvent(events::EventId event, std::span<const events::Value> args, bool registered);
  void addPacketTime();
  void makeRoom();
  void waitForRelays();
  void exchange();
  void exchangeOffline();
  void exchangeLive();
  ObjectNumbers numbersOf(std::span<const events::Value> args);
  void admit();
  void apply(Subscriber& subscriber);
  void apply(Subscriber& subscriber, capnp::List<schemas::Answer>::Reader answers);
  template <typename Response>
  void applyAnswers(Subscriber& subscriber, Response& response);
  void recomputeWanted();
  void markAll(bool must);
  template <typename Call>
  void everywhere(Call call);

  Surroundings& surroundings_;
  kj::WaitScope& waitScope_;
  std::vector<std::unique_ptr<Subscriber>> subscribers_;
  Demand::Events wanted_, awaited_;
  size_t alive_ = 0;
  // Processes of a compartment that ended, by index: on their way to take its place.
  struct Joining {
    std::unique_ptr<Subscriber> subscriber;
    bool starting = false, started = false;
  };
  std::map<uint32_t, Joining> joining_;
  std::map<uint32_t, Subscriber::Tally> earlier_;  // of processes that are gone, by index
  ObjectNumbers newest_;
  bool tickAll_ = false;
  events::AnswerTarget* target_ = nullptr;
  Refused refused_;
  events::Arena arena_;
  events::Arena answerArena_;
  std::span<const uint8_t> packet_;
  const events::ConnectionState* analyzed_ = nullptr;  // on which clock_.analyzer works
  Clock clock_;
  uint64_t seq_ = 0;
  uint64_t drained_ = 0;   // seq at the last drain point
  bool owing_ = false;     // answers that need not be waited for at once
  double owedSince_ = 0;   // network time of the first of those events
  bool inPacket_ = false;  // since the last drain the clock was set
  bool packetTimePending_ = false;
  uint32_t drainsSinceTurn_ = 0;
};

// A compartment's value as an analyzer's target reads it, in `arena`. Answers false if it is nested
// too deeply or too large.
bool readValue(schemas::Value::Reader from, events::Arena& arena, int depth, size_t& valuesLeft,
               events::Value& to);

}  // namespace bulkhead::worker
