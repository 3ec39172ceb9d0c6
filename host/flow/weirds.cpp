#include "host/flow/weirds.h"

namespace bulkhead::flow {

using events::EventId;
using events::Value;

WeirdReporter::WeirdReporter(events::EventSink& sink, TimerQueue& timers)
    : sink_(sink), timers_(timers, *this) {}

bool WeirdReporter::passes(uint64_t count) {
  return count <= threshold || (count - threshold) % rate == 0;
}

void WeirdReporter::net(double now, std::string_view name, std::string_view addl,
                        std::string_view source) {
  if (!sink_.wants(EventId::net_weird)) return;
  auto found = net_.find(name);
  if (found == net_.end()) {
    found = net_.emplace(name, 0).first;
    expiries_.emplace(++lastKind_, std::string(name));
    timers_.add(now + duration, lastKind_);
  }
  if (!passes(++found->second)) return;
  sink_.raise(EventId::net_weird,
              {Value::textOf(name), Value::textOf(addl), Value::textOf(source)});
}

void WeirdReporter::flow(double now, const IpAddr& source, const IpAddr& destination,
                         std::string_view name, std::string_view addl, std::string_view layer) {
  if (!sink_.wants(EventId::flow_weird)) return;
  Pair pair(source, destination);
  auto found = flows_.find(pair);
  if (found == flows_.end()) {
    if (flows_.size() >= maxPairs) {  // a flood of forged addresses: forget rather than grow
      flows_.clear();
      net_.clear();
      expiries_.clear();
      timers_.cancelAll();
    }
    found = flows_.emplace(pair, Names{}).first;
    expiries_.emplace(++lastKind_, pair);
    timers_.add(now + duration, lastKind_);
  }
  auto counted = found->second.find(name);
  if (counted == found->second.end()) counted = found->second.emplace(name, 0).first;
  if (!passes(++counted->second)) return;
  sink_.raise(EventId::flow_weird,
              {Value::textOf(name), Value::addrOf(source), Value::addrOf(destination),
               Value::textOf(addl), Value::textOf(layer)});
}

void WeirdReporter::connection(double now, events::ConnectionState& connection, Counts& counts,
                               std::string_view name, std::string_view addl,
                               std::string_view source) {
  if (!sink_.wants(EventId::conn_weird)) return;
  auto found = counts.find(name);
  if (found == counts.end()) found = counts.emplace(name, Count{}).first;
  Count& c = found->second;
  ++c.count;
  if (c.count == threshold + 1) {
    c.samplingSince = now;
  } else if (c.count > threshold && now > c.samplingSince + duration) {
    c = Count{1, 0};
  }
  if (!passes(c.count)) return;
  sink_.raise(EventId::conn_weird, {Value::textOf(name), Value::of(connection), Value::textOf(addl),
                                    Value::textOf(source)});
}

void WeirdReporter::timerDue(uint32_t kind, double) {
  auto found = expiries_.find(kind);
  if (found == expiries_.end()) return;
  if (auto* name = std::get_if<std::string>(&found->second))
    net_.erase(*name);
  else
    flows_.erase(std::get<Pair>(found->second));
  expiries_.erase(found);
}

}  // namespace bulkhead::flow
