#pragma once
// One run: packets through the analysis into the compartments, from zeek_init to zeek_done.
//
// Worker thread, from the top level: it waits in the event loop. Borrows everything. What goes
// wrong with the capture is told in the result; what was readable is processed. A compartment that
// ends or misbehaves changes nothing for the others (host/worker/batch-sink.h).

#include "common/unique-id.h"
#include "host/capture/packet-source.h"
#include "host/worker/batch-sink.h"

#include <kj/async-unix.h>

#include <map>
#include <optional>
#include <set>
#include <string>

namespace bulkhead::worker {

struct RunSettings {
  bool ignoreChecksums = false;
  bool live = false;           // the source is an interface
  std::optional<SipKey> seed;  // of uids; empty: a fixed key
};

class Run {
 public:
  // `source` is null where there is no capture; `descriptor` is the source's. `stop` is read
  // between packets; who sets it calls Surroundings::stir().
  Run(Surroundings& surroundings, BatchSink& sink, capture::PacketSource* source, int descriptor,
      const bool& stop, kj::UnixEventPort& port, kj::WaitScope& waitScope);

  void go(const RunSettings& settings, schemas::Result::Builder result);

 private:
  struct Analysis;
  void read(Analysis& analysis);
  void readLive(Analysis& analysis);
  void beat(Analysis& analysis);
  void idle(Analysis& analysis, double seen);
  bool tickIsDue(double now);
  void flushLogs();
  bool beforeRead();
  void look();
  void refused(uint32_t subscriber, const std::string& why);

  Surroundings& surroundings_;
  BatchSink& sink_;
  capture::PacketSource* source_;
  const bool& stop_;
  kj::WaitScope& waitScope_;
  const int descriptor_;
  kj::Maybe<kj::Own<kj::UnixEventPort::FdObserver>> pipe_;

  uint64_t packets_ = 0;
  uint64_t bytes_ = 0;  // live
  double firstTime_ = 0, lastTime_ = 0;
  std::string error_;
  uint32_t readsSinceTurn_ = 0;
  int64_t lastLook_ = 0;    // ms
  double lastTick_ = 0;     // wall clock
  double lastAdvance_ = 0;  // wall clock
  int64_t lastFlush_ = 0;   // ns
  bool progressPending_ = false;
  kj::Promise<void> progress_ = kj::READY_NOW;
  std::map<uint32_t, std::set<std::string>> told_;  // refusals, by subscriber
};

}  // namespace bulkhead::worker
