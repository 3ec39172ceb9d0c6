#pragma once
// The Engine turns captured packets into connections and hands them to protocol analyzers.
//
// One per worker, on its one thread. The worker owns it and everything it is given; all of that
// must outlive it (the files framework's manager stands between: made after the timers, before the
// Engine). Packets are foreign bytes: nothing in them is an error here, oddities become weirds
// under Zeek's names. Per packet the order is Zeek's: the clock moves, timers that are due fire,
// the packet's events are raised, and the sink is drained once.
// https://docs.zeek.org/en/master/scripts/base/init-bare.zeek.html names the options.

#include "common/net-types.h"
#include "common/unique-id.h"
#include "host/capture/packet.h"
#include "host/flow/file-sink.h"
#include "host/flow/protocol-analyzer.h"
#include "host/flow/timers.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>

namespace bulkhead::flow {

// Seconds, bytes and counts; defaults are Zeek's.
struct EngineOptions {
  bool ignoreChecksums = false;      // -C
  std::optional<SipKey> seed;        // from ZEEK_SEED_FILE; empty: a fixed key
  std::set<Port> likelyServerPorts;  // beside those of the analyzers given

  double tcpSynTimeout = 5;
  double tcpSessionTimer = 6;
  double tcpConnectionLinger = 5;
  double tcpAttemptDelay = 5;
  double tcpCloseDelay = 5;
  double tcpResetDelay = 5;
  double tcpPartialCloseDelay = 3;
  double tcpInactivityTimeout = 300;
  double udpInactivityTimeout = 60;
  double icmpInactivityTimeout = 60;
  double unknownIpInactivityTimeout = 60;
  double statusUpdateInterval = 0;  // 0: no connection_status_update
  double fragmentTimeout = 300;
  size_t maxTimerExpires = 300;  // a packet

  bool partialConnectionOk = true;
  bool tcpSynAckOk = true;
  bool reportGapsForPartial = false;
  bool detectFilteredTrace = false;
  uint64_t tcpMaxInitialWindow = 16384;
  uint64_t tcpMaxAboveHoleWithoutAnyAcks = 16384;
  uint64_t tcpExcessiveDataWithoutFurtherAcks = 10 * 1024 * 1024;
  int tcpStormThreshold = 1000;
  double tcpStormInterarrival = 1;

  size_t dpdBufferSize = 1024;
  uint64_t dpdMaxPayload = 10 * 1024;  // DPD::max_payload_size of violations
  bool dpdIgnorePorts = false;
  size_t maxTunnelDepth = 2;
  uint64_t tunnelMaxChanges = 1000;
  bool delayTeredoConfirmation = true;
  bool delayGtpConfirmation = false;
  double ipTunnelTimeout = 24 * 3600;
};

class Engine {
 public:
  Engine(events::EventSink& sink, FileSink& files, TimerQueue& timers,
         std::span<const AnalyzerRow> analyzers, EngineOptions options);
  // Connections that finish() did not end go without a word.
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Fires what is due, then analyses the packet and drains. Time never runs backwards: an older
  // packet is analysed at the time already reached.
  void packet(const capture::Packet& packet);
  // Live and idle, or between files: time passes without a packet. Drains.
  void advanceTime(double now);
  // The end of the trace: pending timers, then every connection in Zeek's order. Once; after it no
  // packet. The files framework finishes afterwards.
  void finish();

  // Trace time; 0 before the first packet.
  double networkTime() const;
  // Null if it is not (or no longer) followed. By `connection$id`, either side first.
  ConnectionContext* find(const events::ConnectionId& id) const;

  struct Statistics {
    uint64_t packets = 0, bytes = 0;  // given to packet()
    uint64_t notProcessed = 0;        // packets that belong to no connection
    uint64_t connections = 0, openConnections = 0;
  };
  Statistics statistics() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bulkhead::flow
