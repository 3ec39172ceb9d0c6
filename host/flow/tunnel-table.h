#pragma once
// Gives each pair of tunnel ends the identifier under which it was first seen.
//
// One per Engine, same thread. Bounded by maxTunnels; an entry goes after `timeout` seconds without
// a packet. For tunnels directly over IP; those over UDP are named by their connection.

#include "common/unique-id.h"
#include "host/events/state.h"
#include "host/flow/ip-header.h"
#include "host/flow/timers.h"

#include <map>
#include <utility>

namespace bulkhead::flow {

class TunnelTable final : public TimerClient {
 public:
  TunnelTable(TimerQueue& timers, double timeout, UniqueIds& uids)
      : timers_(timers, *this), timeout_(timeout), uids_(uids) {}

  const events::EncapsulationState& find(const IpHeader& outer, uint64_t type, double now);
  void timerDue(uint32_t kind, double now) override;

 private:
  static constexpr size_t maxTunnels = 65536;
  using Ends = std::pair<IpAddr, IpAddr>;
  struct Tunnel {
    events::EncapsulationState state;
    double lastActive = 0;
  };

  TimerGroup timers_;
  double timeout_;
  UniqueIds& uids_;
  std::map<Ends, Tunnel> tunnels_;
  std::map<uint32_t, Ends> byKind_;
  uint32_t lastKind_ = 0;
};

}  // namespace bulkhead::flow
