#include "host/supervisor/restart-plan.h"

#include <algorithm>

namespace bulkhead::supervisor {

std::optional<double> RestartPlan::ended(double now) {
  while (!ends_.empty() && now - ends_.front() > window) ends_.pop_front();
  ends_.push_back(now);
  quarantined_ = quarantined_ || ends_.size() >= mostEnds;
  if (quarantined_) return std::nullopt;
  double delay = firstDelay;
  for (size_t i = 1; i < ends_.size(); ++i) delay = std::min(2 * delay, longestDelay);
  return delay;
}

}  // namespace bulkhead::supervisor
