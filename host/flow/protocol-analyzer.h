#pragma once
// What a protocol analyzer sees of a connection, and what it may ask of it.
//
// flow owns the connection and its analyzers and calls them on the worker's one thread. Input is
// hostile: an analyzer never throws for what it is fed; it reports a weird or a violation and goes
// on or stops. Names follow Zeek's analyzer framework
// (https://docs.zeek.org/en/master/frameworks/packet-analysis.html, .../analyzer.html).

#include "host/events/sink.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace bulkhead::flow {

using Bytes = std::span<const uint8_t>;

// The files framework as analyzers see it; implemented in host/analyzers/files.
class FileSink;
class TimerQueue;

// The side of a connection that an analyzer talks to. Valid as long as the analyzer lives.
class ConnectionContext {
 public:
  virtual ~ConnectionContext() = default;
  virtual events::ConnectionState& state() = 0;
  virtual events::EventSink& sink() = 0;
  virtual FileSink& files() = 0;
  virtual double networkTime() const = 0;
  // For an analyzer's own timers: keep a TimerGroup (host/flow/timers.h) beside the analyzer.
  virtual TimerQueue& timers() = 0;
  virtual bool isUdp() const = 0;
  // The TCP handshake was not seen from its start (or was never complete).
  virtual bool isPartial() const = 0;
  // Zeek's "weird" with this connection; rate-limited and sampled as Zeek documents.
  virtual void weird(std::string_view name, std::string_view addl = {},
                     std::string_view source = {}) = 0;
  // First call for an analyzer adds its service and raises analyzer_confirmation_info.
  virtual void confirm(uint32_t analyzerTag) = 0;
  // Raises analyzer_violation_info. flow removes the service and the analyzer as Zeek's
  // base/frameworks/analyzer/dpd does: at the end of the packet, so that the analyzer is not
  // destroyed under its own feet, and only if the connection has moved at most 10 KiB.
  virtual void violation(uint32_t analyzerTag, std::string_view reason, Bytes data = {}) = 0;
  // Called by an analyzer from within its deliverStream() when what follows is another protocol's
  // (HTTP's CONNECT, an upgrade): the calling analyzer gets no more stream data, and `rest` (what
  // it has not consumed of the data in hand) and all that follows in both directions go to a fresh
  // content detection. endOfStream(), connection*() and done() still come.
  virtual void handOverRest(bool isOrig, Bytes rest) = 0;
  // Nothing more of the connection is analysed; what was seen stays, and time-outs go on.
  virtual void skipFurtherProcessing() = 0;

  // For one of `subscribers` the analyzer is no longer there, and with `prevent` none of its kind
  // will be. It ends when all have said so. Not from within an analyzer.
  virtual void takeOff(uint32_t analyzerId, uint32_t subscriber, size_t subscribers, bool prevent) {
    (void)analyzerId, (void)subscriber, (void)subscribers, (void)prevent;
  }

  // What only some analyzers need; a context that cannot do it leaves it undone.
  // A first datagram that turns out to be a reply: originator and responder change places.
  virtual void flipRoles() {}
  // An analyzer hit one of its limits: 'X' in the connection's history. The weird is separate.
  virtual void noteLimitReached() {}
  // Ends this connection after `seconds` without a packet.
  virtual void expireAfterInactivity(double seconds) { (void)seconds; }
  // From an analyzer's own timer: connection_timeout, and out of the table at once. The analyzer
  // gets done() within this call and lives until the timer in hand is over.
  virtual void expire() {}
  // The trace is over; timers that fire now do so because of that.
  virtual bool isEnding() const { return false; }
};

class ProtocolAnalyzer {
 public:
  virtual ~ProtocolAnalyzer() = default;
  // TCP: payload in order, each byte once. Never called with empty data.
  virtual void deliverStream(bool isOrig, Bytes data) = 0;
  // TCP: `length` bytes at stream offset `offset` (relative, from 0) will never come.
  virtual void streamGap(bool isOrig, uint64_t offset, uint64_t length) = 0;
  // UDP and ICMP: one datagram's payload; `captured` may be less than `wireLength` (snap length).
  virtual void deliverPacket(bool isOrig, Bytes payload, uint64_t wireLength) = 0;
  // TCP: that side sent FIN and all its data was delivered.
  virtual void endOfStream(bool isOrig) = 0;
  // The connection is going away (reset, time-out, end of trace). Last chance to raise events.
  virtual void done() = 0;

  // TCP life-cycle, for analyzers whose messages end with it; called before done().
  // A RST was seen from either side.
  virtual void reset() {}
  // One side (half) or both sides have closed in order.
  virtual void finished(bool half) { (void)half; }
  // Originator and responder changed places; later calls use the new meaning of isOrig.
  virtual void rolesFlipped() {}
};

// One row per protocol, in one explicit table (host/analyzers/registry.cpp).
struct AnalyzerRow {
  uint32_t tag;           // Analyzer::Tag of the catalog
  std::string_view name;  // "HTTP", as Analyzer::name() and c$service have it
  Transport transport;
  std::vector<uint16_t> ports;  // well-known responder ports: attached at once
  // By content: asked for the side that has just sent more, with all that it and the other have
  // sent, until both together have sent 1024 bytes (Zeek's dpd_buffer_size; the segment that
  // crosses it is still shown whole). `yes` and `no` are final for that side of that connection.
  // On `yes` the analyzer is made, if none of its kind is at work, and gets all of it again.
  enum class Match : uint8_t { no, notYet, yes };
  Match (*match)(bool isOrig, Bytes own, Bytes other);  // nullptr: by port only
  std::unique_ptr<ProtocolAnalyzer> (*make)(ConnectionContext& context);
  // At least one of these demanded, or the service column wanted by conn.log: else never attached.
  std::span<const events::EventId> events;
};

}  // namespace bulkhead::flow
