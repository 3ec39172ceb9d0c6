#pragma once
// Whether and when a compartment that ended is started again: ever later, and after too many ends
// within a while not at all. Live only; offline a package that ended stays ended.
//
// A plain value, any thread. Times are seconds of one clock that never goes back.

#include <deque>
#include <optional>

namespace bulkhead::supervisor {

class RestartPlan {
 public:
  static constexpr double firstDelay = 1;
  static constexpr double longestDelay = 60;
  static constexpr double window = 600;
  static constexpr unsigned mostEnds = 5;  // within the window

  // It has ended. Seconds until it is to be started again; empty: quarantine, for good.
  std::optional<double> ended(double now);
  bool isQuarantined() const { return quarantined_; }

 private:
  std::deque<double> ends_;  // within the window
  bool quarantined_ = false;
};

}  // namespace bulkhead::supervisor
