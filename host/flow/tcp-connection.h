#pragma once
// A TCP connection: the state machine, its time-outs, the two streams.
//
// Owned by the Engine. Events, weirds and moments are those that Zeek documents
// (https://docs.zeek.org/en/master/scripts/base/bif/plugins/Zeek_TCP.events.bif.zeek.html).
// RFC 9293, RFC 7323.

#include "host/flow/connection.h"
#include "host/flow/tcp-endpoint.h"

#include <optional>

namespace bulkhead::flow {

// The fixed part of a TCP header, and where its payload is.
struct TcpHeader {
  uint16_t sourcePort = 0, destinationPort = 0;
  uint32_t sequence = 0, acknowledgement = 0;
  uint8_t headerLength = 0;  // bytes
  tcp::Flags flags;
  uint16_t window = 0;

  static constexpr size_t smallest = 20;
  // `data` holds at least `smallest` bytes.
  static TcpHeader parse(Bytes data);
};

class TcpConnection final : public Connection {
 public:
  TcpConnection(Environment& env, const ConnectionKey& key, uint64_t hash,
                const events::ConnectionId& id, const Segment& first);

  bool continues(const Segment& segment) override;
  void deliver(bool isOrig, const Segment& segment) override;
  bool isPartial() const override { return partial_; }

 protected:
  void refresh() override;
  void start() override;
  void transportTimerDue(uint32_t kind, double now) override;
  void ended() override;
  void flipped() override;

 private:
  using State = tcp::State;
  using Endpoint = tcp::Endpoint;
  using Flags = tcp::Flags;
  // One stream's way to the analyzers.
  class Side final : public tcp::StreamReassembler::Client {
   public:
    Side(TcpConnection& owner, bool orig) : connection(owner), isOrig(orig), endpoint(*this) {}
    void inOrder(Bytes data) override;
    void missing(uint64_t sequence, uint64_t length) override;
    bool startUnknown() const override { return connection.partial_; }
    bool peerIsSilent() const override;

    TcpConnection& connection;
    bool isOrig;
    Endpoint endpoint;
  };
  struct Step {  // one packet in the state machine
    const TcpHeader& header;
    uint32_t length;      // of the payload
    int32_t advance = 0;  // how far the last sequence number moved
    bool close = false;   // this side has closed
    bool report = false;  // and that is worth an event
  };
  enum TransportTimer : uint32_t {
    expireTimer = firstTransportTimer,
    attemptTimer,
    resetTimer,
    partialCloseTimer,
    deleteTimer,
  };

  Side& side(bool isOrig) { return isOrig ? *orig_ : *resp_; }
  Side& peerOf(const Side& one) { return &one == orig_ ? *resp_ : *orig_; }
  bool seenFirst(bool isOrig) const { return isOrig ? seenOrig_ : seenResp_; }
  void setSeenFirst(bool isOrig) { (isOrig ? seenOrig_ : seenResp_) = true; }

  void process(Side& side, const TcpHeader& header, Bytes payload, uint32_t length,
               const Segment& segment);
  void beginNumbers(Side& side, const TcpHeader& header, uint32_t last);
  void beginPeer(Side& side, Side& peer, const TcpHeader& header);
  void noteInHistory(Side& side, const TcpHeader& header, uint64_t sequence, uint32_t length);
  void markHistory(Side& side, uint32_t mark, char code, uint64_t& last, uint64_t sequence);
  bool historyEntry(Side& side, uint32_t mark, char code);
  void oddity(Side& side, char code, tcp::Scaled& scaled, events::EventId event);
  void weighWindow(Side& side, const TcpHeader& header);
  void seeSyn(Side& side, const TcpHeader& header, uint32_t length, const Segment& segment);
  void beginWindows(Side& side, const TcpHeader& header, int scale);
  void missing(Side& side, uint64_t sequence, uint64_t length);
  int32_t advanceLast(Side& side, const TcpHeader& header, uint32_t last, uint32_t length);

  void setState(Side& side, State state);
  void step(Side& side, Step& step);
  void stepInactive(Side& side, Step& step);
  void stepSynSent(Side& side, Step& step);
  void stepEstablished(Side& side, Step& step);
  void stepClosed(Side& side, Step& step);

  void sendData(Side& side, uint64_t sequence, Bytes payload, uint32_t length);
  void acknowledge(Side& side, uint64_t sequence);
  void checkEndOfStream(Side& side);
  void closed(Side& side, bool report);
  void finished(bool half);
  void wasReset();
  bool bothClosed() const { return orig_->endpoint.didClose && resp_->endpoint.didClose; }
  bool isClosed() const { return orig_->endpoint.didClose || resp_->endpoint.didClose; }

  Side sides_[2];
  Side *orig_ = &sides_[0], *resp_ = &sides_[1];
  bool active_ = true, partial_ = false, seenFirstAck_ = false;
  bool seenOrig_ = false, seenResp_ = false;
  bool closeDeferred_ = false, deferredReport_ = false;
};

}  // namespace bulkhead::flow
