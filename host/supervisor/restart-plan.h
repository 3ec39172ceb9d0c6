#pragma once
// Whether and when a compartment that ended is started again: ever later, and after too many ends
// within a while not at all. Live only; offline a package that ended stays ended.
//
// A plain value, any thread. Times are seconds of one clock that never goes back.

#include <cstdint>
#include <deque>
#include <optional>

namespace bulkhead::supervisor {

// Seconds; see bulkhead.toml (configuration.h).
struct RestartLimits {
  double firstDelay = 1;  // twice as long after each end
  double longestDelay = 60;
  double window = 600;
  uint32_t mostEnds = 5;  // within the window; 0: no end
};

class RestartPlan {
 public:
  // It has ended. Seconds until it is to be started again; empty: quarantine, for good.
  std::optional<double> ended(double now, const RestartLimits& limits);
  bool isQuarantined() const { return quarantined_; }

 private:
  std::deque<double> ends_;  // within the window
  bool quarantined_ = false;
};

}  // namespace bulkhead::supervisor
