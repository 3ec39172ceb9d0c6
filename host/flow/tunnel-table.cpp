#include "host/flow/tunnel-table.h"

#include <algorithm>

namespace bulkhead::flow {

const events::EncapsulationState& TunnelTable::find(const IpHeader& outer, uint64_t type,
                                                    double now) {
  Ends ends = std::minmax(outer.source, outer.destination);
  auto found = tunnels_.find(ends);
  if (found == tunnels_.end()) {
    if (tunnels_.size() >= maxTunnels) {  // forged ends: forget rather than grow
      tunnels_.clear();
      byKind_.clear();
      timers_.cancelAll();
    }
    Tunnel made;
    made.state.id.origHost = outer.source;
    made.state.id.respHost = outer.destination;
    made.state.id.protocol = outer.protocol;
    made.state.type = type;
    made.state.uid = uids_.next("C");
    found = tunnels_.emplace(ends, std::move(made)).first;
    byKind_.emplace(++lastKind_, ends);
    timers_.add(now + timeout_, lastKind_);
  }
  found->second.lastActive = now;
  return found->second.state;
}

void TunnelTable::timerDue(uint32_t kind, double now) {
  auto ends = byKind_.find(kind);
  if (ends == byKind_.end()) return;
  auto found = tunnels_.find(ends->second);
  if (found != tunnels_.end() && now - found->second.lastActive < timeout_) {
    timers_.add(now + timeout_, kind);
    return;
  }
  if (found != tunnels_.end()) tunnels_.erase(found);
  byKind_.erase(ends);
}

}  // namespace bulkhead::flow
