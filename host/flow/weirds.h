#pragma once
// Raises weirds and keeps any one of them from flooding: the first 25 of a name (for a pair of
// addresses or a connection) pass, then one in 1000, and after ten minutes the count starts anew.
//
// One per Engine, same thread. Bounded: at most maxPairs pairs of addresses are remembered.
// https://docs.zeek.org/en/master/scripts/base/init-bare.zeek.html (Weird::sampling_*).

#include "common/net-types.h"
#include "host/events/sink.h"
#include "host/flow/timers.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace bulkhead::flow {

class WeirdReporter final : public TimerClient {
 public:
  // Counts of one connection or file.
  struct Count {
    uint64_t count = 0;
    double samplingSince = 0;
  };
  using Counts = std::map<std::string, Count, std::less<>>;

  WeirdReporter(events::EventSink& sink, TimerQueue& timers);

  void net(double now, std::string_view name, std::string_view addl, std::string_view source);
  void flow(double now, const IpAddr& source, const IpAddr& destination, std::string_view name,
            std::string_view addl, std::string_view layer);
  void connection(double now, events::ConnectionState& connection, Counts& counts,
                  std::string_view name, std::string_view addl, std::string_view source);

  void timerDue(uint32_t kind, double now) override;

 private:
  static constexpr uint64_t threshold = 25, rate = 1000;
  static constexpr double duration = 600;  // seconds
  static constexpr size_t maxPairs = 65536;
  using Pair = std::pair<IpAddr, IpAddr>;
  using Names = std::map<std::string, uint64_t, std::less<>>;

  static bool passes(uint64_t count);

  events::EventSink& sink_;
  TimerGroup timers_;
  Names net_;
  std::map<Pair, Names> flows_;
  std::map<uint32_t, std::variant<std::string, Pair>> expiries_;  // by timer kind
  uint32_t lastKind_ = 0;
};

}  // namespace bulkhead::flow
