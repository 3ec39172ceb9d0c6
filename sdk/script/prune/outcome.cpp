// What was found, for compile and for people.

#include "sdk/script/prune/solver.h"

#include <algorithm>
#include <numeric>

namespace bulkhead::prune {

using types::Tag;

std::string Solver::nameOf(UnitId id) const { return id == noUnit ? "a log" : e_.units[id].name; }

std::string Solver::describe(const Cell& cell) const {
  switch (cell.kind) {
    case Cell::Kind::variable:
      return e_.variables[cell.number]->name;
    case Cell::Kind::field: {
      const auto& record = program_.types.byId(cell.number)->asRecord();
      return (record.name().empty() ? "a record" : record.name()) + "$" +
             record.field(cell.part).name;
    }
    case Cell::Kind::contents:
      return "what a container holds";
    case Cell::Kind::stream:
      return "a log stream";
    case Cell::Kind::state:
      return "state of native functions";
  }
  return {};
}

void Solver::refreshing(Outcome& out) {
  std::map<uint32_t, std::vector<uint32_t>> next;
  for (const auto& [from, to] : e_.flows) next[from].push_back(to);
  std::unordered_set<uint32_t> kept{keptNode};
  std::vector<uint32_t> open{keptNode};
  while (!open.empty()) {
    uint32_t node = open.back();
    open.pop_back();
    for (uint32_t to : next[node])
      if (kept.insert(to).second) open.push_back(to);
  }
  bool connections = false, files = false, lookups = false, fileLookups = false;
  for (const VolatileRead& read : e_.volatileReads)
    if (e_.units[read.unit].needed && kept.contains(read.node))
      (read.isFile ? files : connections) = true;
  for (const Unit& unit : e_.units) {
    lookups = lookups || (unit.needed && unit.looksUpConnections);
    fileLookups = fileLookups || (unit.needed && unit.looksUpFiles);
  }
  for (const analysis::Callable& callable : program_.callables) {
    if (callable.type->flavor() != types::Flavor::event || callable.bodies.empty()) continue;
    const std::string& name = callable.symbol->name;
    bool wanted = (lookups && name == "new_connection") || (fileLookups && name == "file_new");
    for (const auto& parameter : callable.type->parameters()) {
      wanted = wanted || (connections && parameter.type->name() == "connection") ||
               (files && parameter.type->name() == "fa_file");
    }
    if (wanted && options_.raisedByHost(name)) out.refreshing.push_back(name);
  }
}

Outcome Solver::outcome() {
  Outcome out;
  out.everything = everything_;
  std::unordered_map<analysis::AttributeSet*, bool> attributes;
  if (everything_.empty()) {
    out.timers = false;
    for (const Unit& unit : e_.units) out.timers = out.timers || (unit.needed && unit.timers);
    refreshing(out);
  }
  for (const Unit& unit : e_.units) {
    const bool stays = unit.needed || !everything_.empty();
    if (unit.attributes != nullptr) {
      attributes[unit.attributes] = attributes[unit.attributes] || stays;
      continue;
    }
    if (unit.function == nullptr || unit.origin != types::originBase) continue;
    ++out.bodies;
    if (!stays) {
      ++out.dropped;
      const_cast<analysis::Function*>(unit.function)->dropped = true;
    }
  }
  if (options_.explain && !everything_.empty()) {
    order_.resize(e_.units.size());
    std::iota(order_.begin(), order_.end(), UnitId{0});
  }
  for (UnitId id : order_) {
    const Unit& unit = e_.units[id];
    if (unit.function != nullptr && unit.origin == types::originBase)
      out.kept.push_back({unit.name, unit.at, everything_.empty() ? unit.why : everything_});
  }
  for (const auto& [set, stays] : attributes)
    if (!stays) set->dropped = true;
  return out;
}

}  // namespace bulkhead::prune
