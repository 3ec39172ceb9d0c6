#include "host/supervisor/restart-plan.h"

#include <algorithm>

namespace bulkhead::supervisor {

std::optional<double> RestartPlan::ended(double now, const RestartLimits& limits) {
  while (!ends_.empty() && now - ends_.front() > limits.window) ends_.pop_front();
  ends_.push_back(now);
  quarantined_ = quarantined_ || (limits.mostEnds != 0 && ends_.size() >= limits.mostEnds);
  if (quarantined_) return std::nullopt;
  double delay = std::min(limits.firstDelay, limits.longestDelay);
  for (size_t i = 1; i < ends_.size() && delay < limits.longestDelay; ++i)
    delay = std::min(2 * delay, limits.longestDelay);
  // Without a most, what is remembered is bounded by what makes a difference.
  if (delay >= limits.longestDelay && limits.mostEnds == 0 && ends_.size() > 1) ends_.pop_front();
  return delay;
}

}  // namespace bulkhead::supervisor
