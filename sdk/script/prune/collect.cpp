// What holds bodies: functions, handlers, variables, record fields, attributes.

#include "sdk/script/prune/collector.h"

#include <algorithm>
#include <set>
#include <utility>

namespace bulkhead::prune {

Place Effects::fieldPlace(const types::RecordType& record, uint32_t field) {
  if (record.field(field).type->is(Tag::any)) return Places::any;
  auto [it, fresh] = fieldPlaces.try_emplace({canonical[record.id()], field}, noPlace);
  if (fresh) it->second = places.fresh();
  return it->second;
}

Effects Collector::run() {
  canonicalRecords();
  recordFields();
  variables();
  bodies();
  initialValues();
  // Whoever changes the value on its way is noticed where the option is set.
  for (const auto& [unit, handler] : ifAssigned_)
    if (handler->parameterCount > 1 && assigned_.contains(handler->locals[1]))
      out_.units[unit].writes.push_back(
          {Cell::Kind::state, 0, static_cast<uint32_t>(State::options)});
  joinIndirect();
  return std::move(out_);
}

// A value of one record type may be used as one of another type of the same layout, so that their
// fields are the same cells.
void Collector::canonicalRecords() {
  const types::TypeTable& types = program_.types;
  out_.canonical.resize(types.size());
  std::map<std::string, std::vector<const types::RecordType*>> byNames;
  for (uint32_t id = 0; id < types.size(); ++id) {
    out_.canonical[id] = id;
    if (!types.byId(id)->is(Tag::record)) continue;
    const auto& record = types.byId(id)->asRecord();
    std::string names;
    for (const types::Field& field : record.fields()) names += field.name + ",";
    auto& alike = byNames[names];
    auto same = std::find_if(alike.begin(), alike.end(), [&](const types::RecordType* other) {
      return types::sameLayout(other, &record);
    });
    if (same != alike.end()) {
      out_.canonical[id] = (*same)->id();
    } else {
      alike.push_back(&record);
    }
  }
}

UnitId Collector::newUnit(Unit::Kind kind, types::OriginId origin, source::Location at,
                          std::string name) {
  Unit& made = out_.units.emplace_back();
  made.kind = kind;
  made.origin = origin;
  made.at = at;
  made.name = std::move(name);
  return static_cast<UnitId>(out_.units.size() - 1);
}

void Collector::bodies() {
  out_.bodies.resize(program_.callables.size());
  for (uint32_t i = 0; i < program_.callables.size(); ++i) {
    const analysis::Callable& callable = program_.callables[i];
    for (const Function* function : callable.bodies) {
      const auto flavor = callable.type->flavor();
      const bool isFunction = flavor == types::Flavor::function;
      std::string name = flavor == types::Flavor::event  ? "event "
                         : flavor == types::Flavor::hook ? "hook "
                                                         : "function ";
      name += callable.symbol->name;
      if (!isFunction) name += " (priority " + std::to_string(function->priority) + ")";
      UnitId id = newUnit(isFunction                       ? Unit::Kind::function
                          : flavor == types::Flavor::event ? Unit::Kind::handler
                                                           : Unit::Kind::hookBody,
                          function->origin, function->at, std::move(name));
      out_.units[id].function = function;
      out_.units[id].callable = i;
      // The Logging framework's own functions: what they do is known from the calls of them, by
      // stream.
      out_.units[id].logging = function->module == "Log" && function->origin == types::originBase &&
                               flavor != types::Flavor::event;
      out_.bodies[i].push_back(id);
      functionUnits_[function] = id;
    }
  }
  for (uint32_t i = 0; i < program_.callables.size(); ++i)
    for (UnitId id : out_.bodies[i]) {
      const Function* function = out_.units[id].function;
      if (function->body != nullptr) inUnit(id, function, [&] { statement(function->body); });
    }
  if (program_.statements != nullptr && program_.statements->body != nullptr) {
    UnitId id = newUnit(Unit::Kind::statements, program_.statements->origin,
                        program_.statements->at, "statements outside functions");
    inUnit(id, program_.statements, [&] { statement(program_.statements->body); });
  }
}

UnitId Collector::innerUnit(const Function& function) {
  auto [it, fresh] = functionUnits_.try_emplace(&function, noUnit);
  if (!fresh) return it->second;
  UnitId id = newUnit(Unit::Kind::inner, function.origin, function.at,
                      function.isLambda ? "a lambda" : "a when");
  functionUnits_[&function] = id;
  out_.units[id].function = &function;
  takenFunctions_.insert(&function);
  for (const analysis::Capture& capture : function.captures) captured_.insert(capture.inner);
  if (function.body != nullptr) inUnit(id, &function, [&] { statement(function.body); });
  return id;
}

void Collector::attributesOf(const analysis::AttributeSet& set, analysis::AttributeSet* owner,
                             Place place, const Type* type, types::OriginId origin,
                             source::Location at, const std::string& name) {
  if (place == noPlace || !type->isTableOrSet()) return;
  auto begin = [&](Unit::Kind kind, const char* what) {
    UnitId id = newUnit(kind, origin, at, std::string(what) + " of " + name);
    out_.units[id].attributes = owner;
    out_.attributes.emplace_back(place, id);
    return id;
  };
  auto called = [&](const Expr* expr, std::vector<Place> places, Place result) {
    visit(expr);
    if (expr->type->is(Tag::function)) indirect(expr->type, std::move(places), {}, result, noNode);
  };
  if (set.defaultValue != nullptr || set.defaultInsert != nullptr || set.onChange != nullptr) {
    UnitId id = begin(Unit::Kind::attribute, "attributes");
    inUnit(id, function_, [&] {
      Place element = out_.places.elementOf(place);
      for (const Expr* expr : {set.defaultValue, set.defaultInsert}) {
        if (expr == nullptr) continue;
        Place value = visit(expr);
        if (expr->type->is(Tag::function)) indirect(expr->type, {}, {}, element, noNode);
        if (hasPlace(expr->type)) out_.places.join(element, value);
      }
      if (set.onChange != nullptr)
        called(set.onChange, {place, noPlace, noPlace, element}, noPlace);
    });
  }
  if (set.defaultInsert != nullptr || set.readExpire != nullptr) out_.readIsWrite.push_back(place);
  if (set.createExpire != nullptr || set.readExpire != nullptr || set.writeExpire != nullptr) {
    UnitId id = begin(Unit::Kind::expiry, "expiry");
    out_.units[id].timers = true;
    inUnit(id, function_, [&] {
      for (const Expr* expr : {set.createExpire, set.readExpire, set.writeExpire})
        if (expr != nullptr) visit(expr);
      if (set.expireFunc != nullptr) called(set.expireFunc, {place}, noPlace);
      readsContents(place);
    });
  }
}

void Collector::writtenAttributes(std::span<syntax::Attribute* const> written, Place place,
                                  const Type* type) {
  if (written.empty()) return;
  const analysis::AttributeSet set = analysis::attributesAsWritten(written);
  const Unit& around = unit();
  attributesOf(set, nullptr, place, type, around.origin, around.at,
               "a container in " + around.name);
}

void Collector::variables() {
  for (const analysis::Global& global : program_.globals) {
    const Symbol& symbol = *global.symbol;
    if (symbol.attributes == nullptr || symbol.type == nullptr) continue;
    attributesOf(*symbol.attributes, symbol.attributes, placeOf(symbol), symbol.type, symbol.origin,
                 symbol.at, symbol.name);
  }
}

void Collector::recordFields() {
  const types::TypeTable& types = program_.types;
  for (uint32_t id = 0; id < types.size(); ++id) {
    if (!types.byId(id)->is(Tag::record)) continue;
    const auto& record = types.byId(id)->asRecord();
    for (uint32_t i = 0; i < record.fields().size(); ++i) {
      const types::Field& field = record.field(i);
      const std::string name = record.name() + "$" + field.name;
      if (field.attributes != types::noIndex) {
        auto* set = program_.fieldAttributes[static_cast<size_t>(field.attributes)];
        attributesOf(*set, set, out_.fieldPlace(record, i), field.type, field.origin, {}, name);
      }
      if (field.defaultExpr == types::noIndex) continue;
      const auto& made = program_.defaults[static_cast<size_t>(field.defaultExpr)];
      UnitId unit = newUnit(Unit::Kind::fieldValue, made.origin, made.at, "&default of " + name);
      inUnit(unit, nullptr, [&] {
        Place value = visit(made.value);
        if (hasPlace(field.type)) out_.places.join(out_.fieldPlace(record, i), value);
      });
      fieldValues_[&record].push_back(unit);
    }
  }
}

void Collector::initialValues() {
  for (const analysis::InitStep& step : program_.initializers) {
    if (step.target == nullptr || step.value == nullptr) continue;
    UnitId id = newUnit(Unit::Kind::initial, step.origin, step.at,
                        "the initial value of " + step.target->name);
    out_.units[id].number = variable(*step.target).number;
    inUnit(id, nullptr, [&] {
      Place value = visit(step.value);
      if (hasPlace(step.target->type)) out_.places.join(placeOf(*step.target), value);
    });
    // A package that changes how the Logging framework works changes it for every stream.
    if (step.origin >= types::originFirstPackage && step.target->name.starts_with("Log::"))
      out_.units[id].configured.push_back(LogWrite::anyStream);
  }
}

// What is called through a value could be any function of that type whose value is taken somewhere.
void Collector::joinIndirect() {
  std::map<std::pair<const Type*, const Type*>, bool> same;
  auto fits = [&](const types::FuncType& wanted, const types::FuncType& have) {
    auto [it, fresh] = same.try_emplace({&wanted, &have}, false);
    if (fresh) it->second = sameParameters(wanted, have);
    return it->second;
  };
  for (const Indirect& each : indirect_)
    for (const Function* function : takenFunctions_) {
      if (function->type == nullptr || !fits(*each.type, *function->type)) continue;
      for (size_t i = 0; i < function->parameterCount; ++i) {
        const Symbol& parameter = *function->locals[i];
        if (i < each.places.size() && hasPlace(parameter.type))
          out_.places.join(placeOf(parameter), each.places[i]);
        if (i < each.nodes.size() && isTracked(parameter.type))
          flow(each.nodes[i], nodeOf(parameter));
      }
      if (each.result != noPlace) out_.places.join(each.result, returnPlace(*function));
      if (each.resultNode != noNode) flow(returnNode(*function), each.resultNode);
    }
}

bool sameParameters(const types::FuncType& a, const types::FuncType& b) {
  if (a.flavor() != b.flavor() || a.parameters().size() != b.parameters().size()) return false;
  for (size_t i = 0; i < a.parameters().size(); ++i)
    if (!types::sameType(a.parameters()[i].type, b.parameters()[i].type)) return false;
  return true;
}

// ---- Small things

namespace {
// Records that the host makes for an event, with a connection or file in them.
bool carries(const Type* type) {
  return type->name() == "AnalyzerConfirmationInfo" || type->name() == "AnalyzerViolationInfo";
}
}  // namespace

bool Collector::isTracked(const Type* type) {
  return type != nullptr && type->is(Tag::record) &&
         (type->name() == "connection" || type->name() == "fa_file" || carries(type));
}

bool Collector::isVolatile(const Type* record, std::string_view field, bool& isFile) {
  if (!isTracked(record) || carries(record)) return false;
  static const std::set<std::string_view> ofConnection{"duration", "orig",    "resp",
                                                       "service",  "history", "tunnel"};
  static const std::set<std::string_view> ofFile{"last_active",    "seen_bytes",      "total_bytes",
                                                 "missing_bytes",  "bof_buffer",      "conns",
                                                 "overflow_bytes", "timeout_interval"};
  isFile = record->name() == "fa_file";
  return (isFile ? ofFile : ofConnection).contains(field);
}

bool Collector::hasPlace(const Type* type) {
  if (type == nullptr) return false;
  switch (type->tag()) {
    case Tag::table:
    case Tag::set:
    case Tag::vector:
    case Tag::file:
    case Tag::opaque:
    case Tag::any:
      return true;
    default:
      return false;
  }
}

Place Collector::placeOf(const Symbol& symbol) {
  if (!hasPlace(symbol.type)) return noPlace;
  if (symbol.type->is(Tag::any)) return Places::any;
  auto [it, fresh] = symbolPlaces_.try_emplace(&symbol, noPlace);
  if (fresh) it->second = out_.places.fresh();
  return it->second;
}

Place Collector::returnPlace(const Function& function) {
  auto [it, fresh] = returnPlaces_.try_emplace(&function, noPlace);
  if (fresh) it->second = out_.places.fresh();
  return it->second;
}

uint32_t Collector::returnNode(const Function& function) {
  auto [it, fresh] = returnNodes_.try_emplace(&function, noNode);
  if (fresh) it->second = newNode();
  return it->second;
}

Cell Collector::variable(const Symbol& symbol) {
  auto [it, fresh] = symbols_.try_emplace(&symbol, static_cast<uint32_t>(symbols_.size()));
  if (fresh) out_.variables.push_back(&symbol);
  return {Cell::Kind::variable, 0, it->second};
}

void Collector::readsContents(Place place) {
  if (place != noPlace) reads({Cell::Kind::contents, 0, place});
}
void Collector::writesContents(Place place) {
  if (place != noPlace) writes({Cell::Kind::contents, 0, place});
}

Effects collect(analysis::Program& program) { return Collector(program).run(); }

}  // namespace bulkhead::prune
