#pragma once
// What all connections of one Engine share: where events go, time, identifiers, weirds, and the
// analyzers that may be attached. Borrowed by each connection; same thread.

#include "host/flow/analyzer-table.h"
#include "host/flow/engine.h"
#include "host/flow/weirds.h"

#include <utility>

namespace bulkhead::flow {

class Connection;

class Environment {
 public:
  Environment(events::EventSink& s, FileSink& f, TimerQueue& t, std::span<const AnalyzerRow> rows,
              EngineOptions o);
  virtual ~Environment() = default;

  // Takes a connection out of the table and raises connection_state_remove. The object lives on
  // until the packet or timer in hand is over.
  virtual void remove(Connection& connection) = 0;
  // A violation to weigh at the end of the packet.
  virtual void violated(Connection& connection, uint32_t aid) = 0;

  // The analyzer at work and its connection; 0: none.
  struct AtWork {
    uint32_t analyzer = 0;
    const events::ConnectionState* connection = nullptr;
  };
  // Answers the one before.
  AtWork setAtWork(AtWork now) {
    sink.setAnalyzer(now.analyzer, now.connection);
    return std::exchange(atWork_, now);
  }

  events::EventSink& sink;
  FileSink& files;
  TimerQueue& timers;
  const EngineOptions options;
  WeirdReporter weirds;
  UniqueIds uids;
  AnalyzerTable analyzers;
  double networkTime = 0;   // never runs backwards
  double packetTime = 0;    // of the packet in hand, as captured
  uint64_t lastNumber = 0;  // connections so far
  uint32_t lastAid = 0;     // analyzers so far
  bool ending = false;      // finish() is at work

 private:
  AtWork atWork_;
};

}  // namespace bulkhead::flow
