// Marks what is needed, and follows from it to what that needs.

#include "sdk/script/prune/solver.h"

#include <algorithm>

namespace bulkhead::prune {

using types::Tag;

Outcome Solver::run() {
  prepare();
  roots();
  do {
    changed_ = false;
    spread();
    look();
  } while (changed_ || !open_.empty());
  return outcome();
}

void Solver::prepare() {
  const size_t callables = program_.callables.size();
  hookRuns_.assign(callables, false);
  possible_.assign(callables, false);
  for (uint32_t i = 0; i < callables; ++i) {
    const analysis::Callable& each = program_.callables[i];
    if (each.type->flavor() == types::Flavor::event && options_.raisedByHost(each.symbol->name))
      possible_[i] = true;
  }
  for (Place place : e_.readIsWrite) readIsWrite_.insert(e_.places.find(place));
  for (const auto& [place, unit] : e_.attributes)
    attributes_[e_.places.find(place)].push_back(unit);
  for (Unit& unit : e_.units) {
    for (auto* list : {&unit.reads, &unit.writes})
      for (Cell& cell : *list)
        if (cell.kind == Cell::Kind::contents) cell.number = e_.places.find(cell.number);
    for (const Cell& cell : std::vector<Cell>(unit.reads))
      if (cell.kind == Cell::Kind::contents && readIsWrite_.contains(cell.number))
        unit.writes.push_back(cell);
    for (auto* list : {&unit.reads, &unit.writes}) unique(*list);
  }
  if (const auto* symbol = program_.find("Log::PRINTLOG")) printLog_ = symbol->value;
  if (const auto* symbol = program_.find("Log::log_stream_policy");
      symbol != nullptr && symbol->kind == analysis::SymbolKind::callable)
    streamPolicy_ = symbol->index;
  for (const Unit& unit : e_.units)
    optionHandlers_.insert(optionHandlers_.end(), unit.registered.begin(), unit.registered.end());
  // A package that looks at a connection's hooks itself sees those too that do nothing for it.
  for (const Unit& unit : e_.units)
    if (ofPackage(unit))
      for (const Cell& cell : unit.reads)
        if (cell.kind == Cell::Kind::field && describe(cell) == "connection$removal_hooks")
          hooksWatched_ = true;
  if (hooksWatched_)
    for (Unit& unit : e_.units)
      unit.calls.insert(unit.calls.end(), unit.quietCalls.begin(), unit.quietCalls.end());
  for (const auto& [id, stream] : e_.streams) {
    if (!stream.understood) e_.streamsUnderstood = false;
    if (stream.columns != nullptr && declaresColumns(*stream.columns, 0)) contributing_.insert(id);
  }
  if (!e_.streamsUnderstood) watchAll_ = true;
}

void Solver::unique(std::vector<Cell>& cells) {
  std::sort(cells.begin(), cells.end(),
            [](const Cell& a, const Cell& b) { return a.key() < b.key(); });
  cells.erase(std::unique(cells.begin(), cells.end(),
                          [](const Cell& a, const Cell& b) { return a.key() == b.key(); }),
              cells.end());
}

void Solver::roots() {
  for (UnitId id = 0; id < e_.units.size(); ++id) {
    Unit& unit = e_.units[id];
    if (ofPackage(unit)) {
      unit.effective = true;
      via(id, noUnit, "belongs to the package");
      continue;
    }
    switch (unit.kind) {
      case Unit::Kind::statements:
        need(id, noUnit, "runs at the start");
        break;
      case Unit::Kind::initial:
        // Evaluated in any case, with what it calls.
        for (uint32_t callable : unit.calls)
          for (UnitId body : e_.bodies[callable]) need(body, id, "calls it");
        for (const IndirectCall& call : unit.indirect)
          for (UnitId each : targets(*call.type).units) need(each, id, "calls it");
        for (UnitId each : unit.fieldValues) need(each, id, "makes such a record");
        break;
      case Unit::Kind::fieldValue:
        // The host and native functions make records too.
        if (!touchesState(unit)) need(id, noUnit, "records are made of it");
        break;
      default:
        if (unit.origin == types::originSite) need(id, noUnit, "is the operator's");
    }
  }
}

bool Solver::touchesState(const Unit& unit) {
  return std::any_of(unit.writes.begin(), unit.writes.end(),
                     [](const Cell& cell) { return cell.kind == Cell::Kind::state; });
}

void Solver::need(UnitId id, UnitId by, std::string_view why) {
  Unit& unit = e_.units[id];
  if (unit.needed) return;
  unit.needed = changed_ = true;
  open_.push_back(id);
  if (!options_.explain) return;
  unit.why = by == noUnit ? std::string() : e_.units[by].name + " ";
  unit.why += why;
  order_.push_back(id);
}

void Solver::via(UnitId id, UnitId by, std::string_view why) {
  need(id, by, why);
  Unit& unit = e_.units[id];
  if (unit.viaPackage || unit.logging) return;
  unit.viaPackage = changed_ = true;
  openVia_.push_back(id);
}

const Solver::Targets& Solver::targets(const types::FuncType& type) {
  auto [it, fresh] = targets_.try_emplace(&type);
  if (!fresh) return it->second;
  Targets& out = it->second;
  if (taken_.empty()) {
    taken_.assign(program_.callables.size(), false);
    for (const Unit& unit : e_.units)
      for (uint32_t callable : unit.taken) taken_[callable] = true;
  }
  for (uint32_t i = 0; i < program_.callables.size(); ++i) {
    const types::FuncType& have = *program_.callables[i].type;
    if (!sameParameters(type, have)) continue;
    if (have.flavor() == types::Flavor::hook) out.hooks.push_back(i);
    if (have.flavor() == types::Flavor::event) out.events.push_back(i);
    if (have.flavor() == types::Flavor::function && taken_[i])
      out.units.insert(out.units.end(), e_.bodies[i].begin(), e_.bodies[i].end());
  }
  for (UnitId id = 0; id < e_.units.size(); ++id) {
    const Unit& unit = e_.units[id];
    if (unit.kind == Unit::Kind::inner && unit.function->type != nullptr &&
        sameParameters(type, *unit.function->type))
      out.units.push_back(id);
  }
  return out;
}

void Solver::markLive(const Cell& cell, UnitId reader) {
  auto [it, fresh] = live_.try_emplace(cell.key(), reader);
  if (!fresh) return;
  changed_ = true;
  if (cell.kind == Cell::Kind::contents) touched(cell.number, reader, false);
}

void Solver::touched(Place place, UnitId by, bool viaPackage) {
  auto found = attributes_.find(place);
  if (found == attributes_.end()) return;
  for (UnitId each : found->second) {
    if (viaPackage) {
      via(each, by, "uses the container");
    } else {
      need(each, by, "uses the container");
    }
  }
}

void Solver::readDeep(const Type* type, Place place, UnitId reader) {
  if (type == nullptr) return;
  if (place != noPlace) place = e_.places.find(place);
  switch (type->tag()) {
    case Tag::record: {
      const auto& record = type->asRecord();
      if (!deepRecords_.insert(e_.canonical[record.id()]).second) return;
      for (uint32_t i = 0; i < record.fields().size(); ++i) {
        markLive(e_.fieldCell(record, i), reader);
        readDeep(record.field(i).type, e_.fieldPlace(record, i), reader);
      }
      return;
    }
    case Tag::table:
    case Tag::set:
    case Tag::vector: {
      if (!deepContainers_.insert({type, place}).second) return;
      if (place != noPlace) markLive({Cell::Kind::contents, 0, place}, reader);
      Place element = e_.places.elementOf(place);
      if (type->is(Tag::vector)) return readDeep(type->asVector().element(), element, reader);
      for (const Type* index : type->asTable().indices()) readDeep(index, noPlace, reader);
      return readDeep(type->asTable().value(), element, reader);
    }
    case Tag::file:
    case Tag::opaque:
      if (place != noPlace) markLive({Cell::Kind::contents, 0, place}, reader);
      return;
    case Tag::any: {
      if (std::exchange(deepAny_, true)) return;
      markLive({Cell::Kind::contents, 0, e_.places.find(Places::any)}, reader);
      for (size_t i = 0; i < e_.boxed.size(); ++i)
        readDeep(e_.boxed[i].first, e_.boxed[i].second, reader);
      return;
    }
    default:
      return;
  }
}

void Solver::spread() {
  while (!open_.empty() || !openVia_.empty()) {
    if (!open_.empty()) {
      UnitId id = open_.back();
      open_.pop_back();
      follow(id);
    } else {
      UnitId id = openVia_.back();
      openVia_.pop_back();
      followVia(id);
    }
  }
}

void Solver::follow(UnitId id) {
  const Unit& unit = e_.units[id];
  if (unit.beyond != nullptr && everything_.empty())
    everything_ = unit.name + " calls " + unit.beyond;
  for (const Cell& cell : unit.reads) markLive(cell, id);
  for (const DeepRead& read : unit.deepReads) readDeep(read.type, read.place, id);
  for (const Cell& cell : unit.writes)
    if (cell.kind == Cell::Kind::contents) touched(cell.number, id, false);
  auto all = [&](const std::vector<UnitId>& units, const char* why) {
    for (UnitId each : units) need(each, id, why);
  };
  for (uint32_t callable : unit.calls) all(e_.bodies[callable], "calls it");
  for (uint32_t callable : unit.quietCalls) all(e_.bodies[callable], "calls it");
  for (uint32_t callable : unit.taken) all(e_.bodies[callable], "takes it as a value");
  for (uint32_t callable : unit.registered) all(e_.bodies[callable], "registers it");
  all(unit.inner, "makes it");
  all(unit.fieldValues, "makes such a record");
  for (uint32_t callable : unit.hooks) set(hookRuns_, callable);
  for (uint32_t callable : unit.events) set(possible_, callable);
  for (const IndirectCall& call : unit.indirect) {
    const Targets& found = targets(*call.type);
    for (uint32_t hook : found.hooks) set(hookRuns_, hook);
    for (uint32_t event : found.events) set(possible_, event);
  }
  if (unit.readsStreams) watchAll_ = changed_ = true;
  for (const LogWrite& row : unit.rows) needStream(row.stream);
}

void Solver::followVia(UnitId id) {
  const Unit& unit = e_.units[id];
  auto all = [&](const std::vector<UnitId>& units) {
    for (UnitId each : units) via(each, id, "leads there, for the package");
  };
  for (uint32_t callable : unit.calls) all(e_.bodies[callable]);
  for (uint32_t callable : unit.quietCalls) all(e_.bodies[callable]);
  for (uint32_t callable : unit.taken) all(e_.bodies[callable]);
  for (uint32_t callable : unit.registered) all(e_.bodies[callable]);
  if (unit.setsOption)
    for (uint32_t callable : optionHandlers_) all(e_.bodies[callable]);
  for (uint32_t callable : unit.hooks) all(e_.bodies[callable]);
  for (uint32_t callable : unit.events) all(e_.bodies[callable]);
  all(unit.inner);
  all(unit.fieldValues);
  for (const IndirectCall& call : unit.indirect) {
    const Targets found = targets(*call.type);
    all(found.units);
    for (uint32_t hook : found.hooks) all(e_.bodies[hook]);
    for (uint32_t event : found.events) all(e_.bodies[event]);
  }
  for (const auto* list : {&unit.reads, &unit.writes})
    for (const Cell& cell : *list)
      if (cell.kind == Cell::Kind::contents) touched(cell.number, id, true);
  for (const Cell& cell : unit.writes) touchedCells_.insert(cell.key());
  for (int64_t stream : unit.configured) {
    if (stream == LogWrite::anyStream) {
      watchAll_ = true;
    } else {
      watched_.insert(stream);
    }
    changed_ = true;
  }
  for (const LogWrite& row : unit.rows) {
    // A row of the package's own: all of it is written.
    if (row.stream == LogWrite::anyStream) {
      readDeep(row.row.type, row.row.place, id);
    } else if (row.row.type != nullptr && row.row.type->is(Tag::record)) {
      readColumns(row.row.type->asRecord(), 0, id);
    }
    for (const auto& [number, stream] : e_.streams) {
      if (row.stream != LogWrite::anyStream && row.stream != number) continue;
      if (stream.columns != nullptr) readColumns(*stream.columns, 0, id);
      for (uint32_t hook : stream.hooks) all(e_.bodies[hook]);
      for (uint32_t event : stream.events) all(e_.bodies[event]);
    }
    if (streamPolicy_) all(e_.bodies[*streamPolicy_]);
  }
}

void Solver::set(std::vector<bool>& flags, uint32_t at) {
  if (flags[at]) return;
  flags[at] = changed_ = true;
}

}  // namespace bulkhead::prune
