#pragma once
// The DNS analyzer of one connection: datagrams, or messages with a length in front over TCP.
//
// flow owns it, on the worker's thread; input is hostile and is never answered with an exception.
// Keeps at most one message (64 KiB) a direction. Source: RFC 1035 section 4.2.

#include "host/analyzers/dns/dns-message.h"
#include "host/flow/timers.h"

#include <memory>
#include <vector>

namespace bulkhead::analyzers::dns {

inline constexpr uint32_t analyzerTag = events::Analyzer_Tag_values::Analyzer_ANALYZER_DNS;

class DnsAnalyzer final : public flow::ProtocolAnalyzer, private flow::TimerClient {
 public:
  explicit DnsAnalyzer(flow::ConnectionContext& context);

  void deliverStream(bool isOrig, flow::Bytes data) override;
  // DNS over TCP has no way to find the next message after a gap; what follows is read as it comes.
  void streamGap(bool, uint64_t, uint64_t) override {}
  void deliverPacket(bool isOrig, flow::Bytes payload, uint64_t wireLength) override;
  void endOfStream(bool) override {}
  void done() override;
  void finished(bool half) override;
  void rolesFlipped() override { std::swap(streams_[0], streams_[1]); }

 private:
  enum class From { responder, originator, unknown };
  // The message at the front of one direction of a TCP connection.
  struct Stream {
    std::vector<uint8_t> pending;  // length prefix and as much of the message as has come
    bool flushed = false;
  };
  void message(flow::Bytes data, From from);
  void flush();
  void timerDue(uint32_t kind, double now) override;

  flow::ConnectionContext& context_;
  flow::TimerGroup timers_;
  Stream streams_[2];  // responder, originator
  bool first_ = true;
  bool isNetbios_;
};

std::unique_ptr<flow::ProtocolAnalyzer> makeDns(flow::ConnectionContext& context);

// Raises dns_message.
void raiseMessage(flow::ConnectionContext& context, const Header& header, size_t size);

}  // namespace bulkhead::analyzers::dns
