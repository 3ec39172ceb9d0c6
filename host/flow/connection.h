#pragma once
// One connection in the making: its identity, clock, history, analyzers and timers. What TCP, UDP,
// ICMP and other protocols do with packets is in the derived classes.
//
// Owned by the Engine, on the worker's thread. Refers to the Environment, which outlives it. Input
// is hostile; oddities become weirds.

#include "host/capture/link-layer.h"
#include "host/flow/connection-table.h"
#include "host/flow/content-detection.h"
#include "host/flow/environment.h"
#include "host/flow/ip-header.h"
#include "host/flow/protocol-analyzer.h"
#include "host/flow/timers.h"

#include <memory>
#include <string>
#include <vector>

namespace bulkhead::flow {

// A packet above IP, on its way to a connection. Borrowed for one call.
struct Segment {
  const IpHeader& ip;
  Bytes captured;          // from the transport header on; never more than IP says, padding off
  uint32_t length = 0;     // of the same on the wire
  bool wholeFrame = true;  // nothing of the frame was cut off
  capture::Frame& frame;
  const std::vector<events::EncapsulationState>& tunnel;
};

class Connection : public ConnectionContext, public TimerClient {
 public:
  // `id` with the sender of the first packet as originator.
  Connection(Environment& env, const ConnectionKey& key, uint64_t hash,
             const events::ConnectionId& id, const Segment& first);
  ~Connection() override;

  const ConnectionKey& key() const { return key_; }
  uint64_t hash() const { return hash_; }
  bool inTable() const { return inTable_; }

  // Attaches what the responder's port calls for, starts timers and raises new_connection.
  void begin(bool flip);
  // Every packet but the first, before deliver(): tunnels may change.
  void checkTunnel(const std::vector<events::EncapsulationState>& tunnel);
  void checkFlowLabel(bool isOrig, uint32_t label);
  bool isFromOrig(const IpAddr& source, uint16_t port) const {
    return source == state_.id.origHost && port == state_.id.origPort.number;
  }
  // False if the packet begins a new connection with the same tuple.
  virtual bool continues(const Segment&) { return true; }
  // To the transport protocol, which is the analyzer at work meanwhile.
  void receive(bool isOrig, const Segment& segment);
  bool isSkipping() const { return skipping_; }

  // Ends the analyzers; raises nothing of the connection's own. Once.
  void done();
  void leftTable();  // timers are off for good
  void removalEvents();
  // At the end of the packet in which an analyzer reported violations.
  void settleViolations();

  void raise(events::EventId event);
  template <typename... Args>
  void raise(events::EventId event, Args... args) {
    if (env_.sink.wants(event)) env_.sink.raise(event, {events::Value::of(state()), args...});
  }
  events::ConnectionState& rawState() { return state_; }

  // ConnectionContext
  events::ConnectionState& state() override {
    refresh();
    return state_;
  }
  events::EventSink& sink() override { return env_.sink; }
  FileSink& files() override { return env_.files; }
  double networkTime() const override { return env_.networkTime; }
  TimerQueue& timers() override { return env_.timers; }
  bool isUdp() const override { return transport() == Transport::udp; }
  bool isPartial() const override { return false; }
  void weird(std::string_view name, std::string_view addl = {},
             std::string_view source = {}) override;
  void confirm(uint32_t analyzerTag) override;
  void violation(uint32_t analyzerTag, std::string_view reason, Bytes data = {}) override;
  void handOverRest(bool isOrig, Bytes rest) override;
  void skipFurtherProcessing() override { skipping_ = true; }
  void takeOff(uint32_t analyzerId, uint32_t subscriber, size_t subscribers, bool prevent) override;
  void flipRoles() override;
  void noteLimitReached() override { checkHistory(limitReached, 'X'); }
  void expireAfterInactivity(double seconds) override { setInactivityTimeout(seconds); }
  void expire() override;
  bool isEnding() const override { return env_.ending; }

  void timerDue(uint32_t kind, double now) override;

 protected:
  virtual void deliver(bool isOrig, const Segment& segment) = 0;
  // Brings what is computed in `state_` up to date.
  virtual void refresh() {}
  // Timers and time-outs of a new connection, before analyzers are attached.
  virtual void start() = 0;
  virtual void transportTimerDue(uint32_t kind, double now) { (void)kind, (void)now; }
  // After the analyzers ended.
  virtual void ended() {}
  virtual void flipped() {}

  Transport transport() const { return state_.id.respPort.transport; }

  // The mark of each kind of entry; true if it was there before.
  bool checkHistory(uint32_t mark, char code);
  void addHistory(char code) { state_.history += code; }
  // Entries for the 1st, 10th, 100th, ... time; true at each.
  bool scaledHistory(char code, uint32_t& counter, uint32_t& threshold);
  void thresholdEvent(events::EventId event, bool isOrig, uint32_t threshold);
  bool didWeird() const { return didWeird_; }
  // One that the transport layer reports in its own name.
  void layerWeird(std::string_view name, std::string_view addl = {});

  void setInactivityTimeout(double seconds);
  void enableStatusUpdates();
  void count(bool isOrig, const Segment& segment);

  // To the analyzers, and to content detection where that goes on.
  void deliverStream(bool isOrig, Bytes data);
  void deliverGap(bool isOrig, uint64_t sequence, uint64_t length);
  void deliverPacket(bool isOrig, Bytes payload, uint64_t wireLength);
  template <typename Call>
  void forEachAnalyzer(Call call) {
    for (size_t i = 0; i < attached_.size(); ++i)
      if (!attached_[i]->removed) within(*attached_[i], [&]() { call(*attached_[i]->analyzer); });
  }
  bool hasAnalyzers() const { return !attached_.empty(); }

  static constexpr uint32_t limitReached = 0x400;
  enum SessionTimer : uint32_t { inactivityTimer = 1, statusTimer = 2, firstTransportTimer = 16 };

  Environment& env_;
  events::ConnectionState state_;
  TimerGroup sessionTimers_;
  TimerGroup transportTimers_;
  double inactivityTimeout_ = 0;

 private:
  struct Attached {
    const AnalyzerRow* row;
    uint32_t aid;
    std::unique_ptr<ProtocolAnalyzer> analyzer;
    bool removed = false;  // by a violation: gets nothing more
    bool muted = false;    // handed its stream over
    bool confirmed = false;
  };

  // Null if nobody wants one of its kind.
  Attached* attach(const AnalyzerRow& row);
  // What `call` raises is the analyzer's.
  template <typename Call>
  void within(const Attached& attached, Call call) {
    const auto before = env_.setAtWork({attached.aid, &state_});
    ++working_;
    call();
    --working_;
    env_.setAtWork(before);
  }
  void attachTransport();
  void noteGone(const Attached& attached);
  bool isAtWork(uint32_t tag) const;
  Attached* byTag(uint32_t tag);
  // Whatever is attached: what a violation removes, content may bring back.
  void detectAnew();
  void detectStream(bool isOrig, Bytes data);
  void replay(Attached& attached);
  void end(Attached& attached);
  void settleTakenOff();

  ConnectionKey key_;
  uint64_t hash_;
  uint32_t historySeen_ = 0;
  bool inTable_ = true, finished_ = false, skipping_ = false, didWeird_ = false;
  bool statusUpdates_ = false;
  bool sawOrig_ = true, sawResp_ = false;
  uint32_t delivering_ = UINT32_MAX;  // index of the analyzer at work
  uint64_t tunnelChanges_ = 0;
  std::vector<std::unique_ptr<Attached>> attached_;
  std::unique_ptr<ContentDetection> detection_;
  uint32_t detections_ = 0;          // begun so far
  std::vector<uint32_t> violators_;  // aids, in this packet
  std::vector<uint32_t> takenOff_;   // aids, to end when no analyzer is at work
  std::vector<uint32_t> prevented_;  // tags that nobody wants
  int working_ = 0;
  std::unique_ptr<WeirdReporter::Counts> weirds_;
};

}  // namespace bulkhead::flow
