// Which bodies have an effect that something kept notices.

#include "sdk/script/prune/solver.h"

#include <algorithm>

namespace bulkhead::prune {

using types::Tag;

bool Solver::anyEffect(uint32_t callable) const {
  const auto& bodies = e_.bodies[callable];
  return std::any_of(bodies.begin(), bodies.end(),
                     [&](UnitId body) { return e_.units[body].effective; });
}

void Solver::look() {
  for (const auto& [id, stream] : e_.streams) {
    if (!streamNeeded(id)) continue;
    markLive({Cell::Kind::stream, 0, static_cast<uint32_t>(id)}, noUnit);
    markLive({Cell::Kind::stream, 0, UINT32_MAX}, noUnit);
    for (uint32_t hook : stream.hooks) set(hookRuns_, hook);
    for (uint32_t event : stream.events) set(possible_, event);
    if (streamPolicy_) set(hookRuns_, *streamPolicy_);
  }
  for (UnitId id = 0; id < e_.units.size(); ++id) {
    Unit& unit = e_.units[id];
    if (!unit.effective) {
      std::string why;
      if (matters(unit, why)) {
        unit.effective = changed_ = true;
        if (options_.explain) whyEffective_[id] = why;
      }
    }
    if (unit.needed) {
      for (const LogWrite& row : unit.rows) readRow(row.stream, id);
      continue;
    }
    if (wanted(unit)) need(id, noUnit, options_.explain ? whyEffective_[id] : std::string());
  }
}

bool Solver::wanted(const Unit& unit) {
  switch (unit.kind) {
    case Unit::Kind::handler:
      return unit.effective && possible_[unit.callable];
    case Unit::Kind::hookBody:
      return hookRuns_[unit.callable] && (unit.effective || unit.breaks);
    case Unit::Kind::expiry:
      return unit.effective;
    case Unit::Kind::initial:
      return live_.contains(Cell{Cell::Kind::variable, 0, unit.number}.key());
    default:
      return false;
  }
}

bool Solver::matters(const Unit& unit, std::string& why) {
  auto because = [&](std::string text) {
    if (options_.explain) why = std::move(text);
    return true;
  };
  for (const Cell& cell : unit.writes) {
    if (cell.kind == Cell::Kind::state && cell.number == static_cast<uint32_t>(State::groups))
      return because("switches handlers");
    if (auto found = live_.find(cell.key()); found != live_.end())
      return because("changes " + describe(cell) + ", which " + nameOf(found->second) +
                     " looks at");
  }
  for (const auto* list : {&unit.reads, &unit.writes})
    for (const Cell& cell : *list) {
      if (cell.kind != Cell::Kind::contents) continue;
      auto found = attributes_.find(cell.number);
      if (found == attributes_.end()) continue;
      for (UnitId each : found->second)
        if (e_.units[each].kind == Unit::Kind::attribute && e_.units[each].effective)
          return because("uses a container with " + e_.units[each].name);
    }
  for (uint32_t event : unit.events)
    if (anyEffect(event)) return because("raises " + program_.callables[event].symbol->name);
  for (uint32_t hook : unit.hooks)
    if (anyEffect(hook)) return because("runs " + program_.callables[hook].symbol->name);
  auto anyEffective = [&](const std::vector<UnitId>& units) {
    auto found = std::find_if(units.begin(), units.end(), [&](UnitId each) {
      return e_.units[each].effective && !e_.units[each].logging;
    });
    return found != units.end() && because("calls " + nameOf(*found));
  };
  for (uint32_t callable : unit.calls)
    if (anyEffective(e_.bodies[callable])) return true;
  for (uint32_t callable : unit.taken)
    if (anyEffective(e_.bodies[callable])) return true;
  if (unit.setsOption)
    for (uint32_t callable : optionHandlers_)
      if (anyEffective(e_.bodies[callable])) return true;
  for (uint32_t callable : unit.registered)
    if (anyEffective(e_.bodies[callable])) return true;
  if (anyEffective(unit.inner) || anyEffective(unit.fieldValues)) return true;
  for (const IndirectCall& call : unit.indirect) {
    const Targets& found = targets(*call.type);
    if (anyEffective(found.units)) return true;
    for (uint32_t hook : found.hooks)
      if (anyEffect(hook)) return because("may run " + program_.callables[hook].symbol->name);
    for (uint32_t event : found.events)
      if (anyEffect(event)) return because("may raise " + program_.callables[event].symbol->name);
  }
  for (const LogWrite& row : unit.rows)
    if (rowsMatter(row.stream)) return because("writes rows that the package takes part in");
  return false;
}

}  // namespace bulkhead::prune
