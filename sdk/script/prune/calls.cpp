// What is called, raised or taken as a value.

#include "sdk/script/prune/collector.h"

#include <algorithm>
#include <array>

namespace bulkhead::prune {

namespace {

const Expr* unboxed(const Expr* expr) {
  while (const auto* coerce = as<syntax::CoerceExpr>(expr)) {
    if (coerce->coercion != syntax::CoerceKind::toAny) break;
    expr = coerce->operand;
  }
  return expr;
}

// The returns of a function's own, not those of functions inside it.
void forEachReturn(const Stmt& stmt, const auto& look) {
  using syntax::StmtKind;
  auto inside = [&](const Stmt* each) {
    if (each != nullptr) forEachReturn(*each, look);
  };
  switch (stmt.kind) {
    case StmtKind::returnStmt:
      return look(static_cast<const syntax::ReturnStmt&>(stmt).value);
    case StmtKind::block:
      for (const Stmt* each : static_cast<const syntax::Block&>(stmt).statements) inside(each);
      return;
    case StmtKind::ifElse:
      inside(static_cast<const syntax::IfStmt&>(stmt).whenTrue);
      return inside(static_cast<const syntax::IfStmt&>(stmt).whenFalse);
    case StmtKind::whileLoop:
      return inside(static_cast<const syntax::WhileStmt&>(stmt).body);
    case StmtKind::forLoop:
      return inside(static_cast<const syntax::ForStmt&>(stmt).body);
    case StmtKind::switchCase:
      for (const auto& each : static_cast<const syntax::SwitchStmt&>(stmt).cases) inside(each.body);
      return;
    default:
      return;
  }
}

bool isFunctionName(const Expr* expr) {
  const auto* name = as<syntax::NameExpr>(expr);
  return name != nullptr && name->symbol != nullptr && name->symbol->kind == SymbolKind::callable &&
         name->type != nullptr && name->type->asFunc().flavor() == types::Flavor::function;
}

// Whether a change handler of an option leaves the new value, its second parameter, as it is.
bool answersWhatItGot(const Function& handler) {
  if (handler.parameterCount < 2 || handler.body == nullptr) return false;
  const Symbol* value = handler.locals[1];
  bool all = true;
  forEachReturn(*handler.body, [&](const Expr* answer) {
    const auto* name = as<syntax::NameExpr>(answer);
    all = all && name != nullptr && name->symbol == value;
  });
  return all;
}

// The stream that an expression names outright.
int64_t streamNamed(const Expr* expr) {
  const auto* literal = as<syntax::LiteralExpr>(unboxed(expr));
  const bool named = literal != nullptr && literal->literal == syntax::LiteralKind::enumerator;
  return named ? literal->integer : LogWrite::anyStream;
}

// Whether the call only puts a hook that is named outright among those of a connection.
bool registersHook(const Symbol& symbol, std::span<Expr* const> arguments) {
  if (symbol.name != "Conn::register_removal_hook" &&
      symbol.name != "Conn::unregister_removal_hook")
    return false;
  const auto* hook = arguments.size() == 2 ? as<syntax::NameExpr>(unboxed(arguments[1])) : nullptr;
  return symbol.origin == types::originBase && hook != nullptr && hook->symbol != nullptr &&
         hook->symbol->kind == SymbolKind::callable;
}

}  // namespace

// A function taken as a value may be called by whoever gets hold of it. An event may be raised, a
// hook run.
void Collector::take(const Symbol& symbol) {
  const analysis::Callable& callable = program_.callables[symbol.index];
  for (const Function* body : callable.bodies) takenFunctions_.insert(body);
  switch (callable.type->flavor()) {
    case types::Flavor::function:
      unit().taken.push_back(symbol.index);
      return;
    case types::Flavor::event:
      unit().events.push_back(symbol.index);
      return;
    case types::Flavor::hook:
      unit().hooks.push_back(symbol.index);
      return;
  }
}

void Collector::passTo(const analysis::Callable& callable, std::span<const Place> places,
                       std::span<const uint32_t> nodes) {
  for (const Function* body : callable.bodies)
    for (size_t i = 0; i < body->parameterCount; ++i) {
      const Symbol& parameter = *body->locals[i];
      if (i < places.size() && hasPlace(parameter.type))
        out_.places.join(placeOf(parameter), places[i]);
      if (i < nodes.size() && isTracked(parameter.type)) flow(nodes[i], nodeOf(parameter));
    }
}

void Collector::indirect(const Type* type, std::vector<Place> places, std::vector<uint32_t> nodes,
                         Place result, uint32_t resultNode) {
  unit().indirect.push_back({&type->asFunc()});
  indirect_.push_back({&type->asFunc(), std::move(places), std::move(nodes), result, resultNode});
}

Place Collector::call(const syntax::CallExpr& call) {
  const auto* callee = as<syntax::NameExpr>(call.callee);
  const Symbol* symbol = callee == nullptr ? nullptr : callee->symbol;
  if (symbol != nullptr && symbol->kind == SymbolKind::callable) {
    const analysis::Callable& callable = program_.callables[symbol->index];
    const bool isLogging = logging(*symbol, call.arguments);
    if (callable.native >= 0 && !isLogging) return native(*symbol, call);
    std::vector<Place> places;
    std::vector<uint32_t> nodes;
    for (const Expr* argument : call.arguments) {
      // Rows and streams go to the framework by their types; they are not any `any`.
      const Expr* given = isLogging ? unboxed(argument) : argument;
      places.push_back(visit(given));
      nodes.push_back(flowOf(given));
    }
    if (callable.type->flavor() == types::Flavor::hook) {
      unit().hooks.push_back(symbol->index);
    } else if (registersHook(*symbol, call.arguments)) {
      // Only as good as the hook, which was taken as a value above.
      unit().quietCalls.push_back(symbol->index);
    } else {
      unit().calls.push_back(symbol->index);
    }
    if (!isLogging) passTo(callable, places, nodes);
    if (!hasPlace(call.type)) return noPlace;
    if (call.type->is(Tag::any)) return Places::any;
    Place result = out_.places.fresh();
    for (const Function* body : callable.bodies) out_.places.join(result, returnPlace(*body));
    return result;
  }
  visit(call.callee);
  std::vector<Place> places;
  std::vector<uint32_t> nodes;
  for (const Expr* argument : call.arguments) {
    places.push_back(visit(argument));
    nodes.push_back(flowOf(argument));
  }
  if (call.callee->type == nullptr || !call.callee->type->is(Tag::function)) return noPlace;
  Place result = !hasPlace(call.type)      ? noPlace
                 : call.type->is(Tag::any) ? Places::any
                                           : out_.places.fresh();
  indirect(call.callee->type, std::move(places), std::move(nodes), result, noNode);
  return result;
}

// An option that is named outright is a variable that changes. What was registered for it, or for
// any other, is called with the new value, and answers one.
void Collector::options(const Symbol& symbol, const syntax::CallExpr& call) {
  Cell handlers{Cell::Kind::state, 0, static_cast<uint32_t>(State::options)};
  if (optionValues_ == noPlace) optionValues_ = out_.places.fresh();
  if (symbol.name == "Option::set_change_handler") {
    const auto* handler =
        call.arguments.size() > 1 ? as<syntax::NameExpr>(unboxed(call.arguments[1])) : nullptr;
    if (handler == nullptr || !isFunctionName(handler)) {
      unit().beyond = symbol.name.c_str();
      return;
    }
    unit().registered.push_back(handler->symbol->index);
    for (const Function* body : program_.callables[handler->symbol->index].bodies) {
      if (!answersWhatItGot(*body)) writes(handlers);
      ifAssigned_.push_back({current_, body});
      for (size_t i = 0; i < body->parameterCount; ++i)
        out_.places.join(optionValues_, placeOf(*body->locals[i]));
      out_.places.join(optionValues_, returnPlace(*body));
    }
    return;
  }
  reads(handlers);
  unit().setsOption = true;
  const auto* name = call.arguments.empty() ? nullptr : as<syntax::LiteralExpr>(call.arguments[0]);
  const Symbol* option = name != nullptr && name->literal == syntax::LiteralKind::string
                             ? program_.find(std::string(name->text))
                             : nullptr;
  if (option == nullptr || option->kind != SymbolKind::global) {
    unit().beyond = symbol.name.c_str();
    return;
  }
  writes(variable(*option));
  out_.places.join(optionValues_, placeOf(*option));
}

Place Collector::native(const Symbol& symbol, const syntax::CallExpr& call) {
  const NativeKind kind = kindOf(symbol.name);
  auto touch = [&](State state) {
    Cell cell{Cell::Kind::state, 0, static_cast<uint32_t>(state)};
    reads(cell);
    writes(cell);
  };
  switch (kind) {
    case NativeKind::unknown:
      // The framework asks which groups there are, to switch them: those left out do not matter.
      if (!unit().logging) unit().beyond = symbol.name.c_str();
      break;
    case NativeKind::random:
      touch(State::random);
      break;
    case NativeKind::outside:
      touch(State::outside);
      break;
    case NativeKind::weird:
      // Sampling goes by what was said before; but who handles weirds keeps all that raise them.
      writes({Cell::Kind::state, 0, static_cast<uint32_t>(State::weird)});
      if (symbol.name.find("get_") != symbol.name.npos)
        reads({Cell::Kind::state, 0, static_cast<uint32_t>(State::weird)});
      for (const char* event : {"net_weird", "conn_weird", "flow_weird", "file_weird"})
        if (const Symbol* found = program_.find(event);
            found != nullptr && found->kind == SymbolKind::callable)
          unit().events.push_back(found->index);
      break;
    case NativeKind::groups:
      writes({Cell::Kind::state, 0, static_cast<uint32_t>(State::groups)});
      break;
    case NativeKind::options:
      options(symbol, call);
      break;
    case NativeKind::connections:
      unit().looksUpConnections = true;
      break;
    case NativeKind::files:
      unit().looksUpFiles = true;
      break;
    case NativeKind::pure:
    case NativeKind::telling:
    case NativeKind::passing:
    case NativeKind::mutating:
      break;
  }
  const bool mutates =
      kind == NativeKind::mutating || kind == NativeKind::outside || kind == NativeKind::unknown;
  const bool passes = mutates || kind == NativeKind::passing;
  Place passed = noPlace;
  for (const Expr* argument : call.arguments) {
    const Expr* given = unboxed(argument);
    if (kind == NativeKind::options && isFunctionName(given)) continue;
    Place place = visit(given);
    if (given->type == nullptr) continue;
    if (given->type->is(Tag::function)) {
      if (given->kind != syntax::ExprKind::name && given->kind != syntax::ExprKind::lambda)
        indirect(given->type, {}, {}, noPlace, noNode);
      continue;
    }
    // A weird names its connection; it does not look at it.
    if (!(kind == NativeKind::weird && isTracked(given->type))) deep(given, place);
    if (kind == NativeKind::options) out_.places.join(optionValues_, place);
    if (passes && place != noPlace) {
      if (mutates) writesContents(place);
      // What is put into one comes out of another, as itself or as an element.
      if (passed != noPlace) {
        out_.places.join(out_.places.elementOf(passed), place);
        out_.places.join(passed, place);
      }
      passed = place;
    }
    if (passes) out_.boxed.emplace_back(given->type, place);
  }
  if (!hasPlace(call.type)) return noPlace;
  if (passed != noPlace) return passed;
  return call.type->is(Tag::any) && passes ? Places::any : out_.places.fresh();
}

void Collector::raise(const syntax::EventCall& event, bool later) {
  std::vector<Place> places;
  std::vector<uint32_t> nodes;
  for (const Expr* argument : event.arguments) {
    places.push_back(visit(argument));
    nodes.push_back(later && isTracked(argument->type) ? keptNode : flowOf(argument));
  }
  if (event.symbol == nullptr) return;
  if (event.symbol->kind == SymbolKind::callable) {
    unit().events.push_back(event.symbol->index);
    passTo(program_.callables[event.symbol->index], places, nodes);
    return;
  }
  if (event.symbol->kind == SymbolKind::global) reads(variable(*event.symbol));
  if (event.symbol->type != nullptr && event.symbol->type->is(Tag::function))
    indirect(event.symbol->type, std::move(places), std::move(nodes), noPlace, noNode);
}

// ---- The Logging framework

bool Collector::logging(const Symbol& symbol, std::span<Expr* const> arguments) {
  if (!symbol.name.starts_with("Log::") || symbol.origin != types::originBase) return false;
  if (program_.callables[symbol.index].type->flavor() != types::Flavor::function) return false;
  if (unit().logging) return program_.callables[symbol.index].native >= 0;
  static constexpr std::array<std::string_view, 12> perStream{
      "create_stream",      "remove_stream", "enable_stream", "disable_stream",
      "add_filter",         "remove_filter", "get_filter",    "get_filter_names",
      "add_default_filter", "set_buf",       "flush",         "remove_default_filter"};
  std::string_view what = std::string_view(symbol.name).substr(5);
  if (what.starts_with("__")) what.remove_prefix(2);
  const int64_t stream = arguments.empty() ? LogWrite::anyStream : streamNamed(arguments[0]);
  if (what == "write") {
    const Type* row = arguments.size() > 1 ? unboxed(arguments[1])->type : nullptr;
    unit().rows.push_back({stream, {row, noPlace}});
    // Hooks get it as an `any`.
    if (row != nullptr) out_.boxed.emplace_back(row, noPlace);
    return true;
  }
  if (what == "delay" || what == "delay_finish") {
    unit().timers = true;
    unit().rows.push_back({stream, {nullptr, noPlace}});
    return true;
  }
  if (std::find(perStream.begin(), perStream.end(), what) == perStream.end()) {
    // What only computes (a path, a name) is a function like any other.
    return false;
  }
  writes({Cell::Kind::stream, 0, static_cast<uint32_t>(stream)});
  if (what == "create_stream") {
    if (stream != LogWrite::anyStream && arguments.size() > 1) {
      createStream(stream, arguments[1]);
    } else {
      out_.streamsUnderstood = false;
    }
  } else if (what != "set_buf" && what != "flush") {
    unit().configured.push_back(stream);
  }
  return true;
}

void Collector::createStream(int64_t id, const Expr* expr) {
  Stream& stream = out_.streams[id];
  while (const auto* coerce = as<syntax::CoerceExpr>(expr)) expr = coerce->operand;
  const auto* constructor = as<syntax::ConstructorExpr>(expr);
  if (constructor == nullptr || constructor->kind != syntax::ExprKind::recordConstructor) {
    stream.understood = false;
    return;
  }
  for (const Expr* element : constructor->elements) {
    const auto* field = as<syntax::FieldAssignExpr>(element);
    if (field == nullptr) continue;
    const Expr* value = field->value;
    while (const auto* coerce = as<syntax::CoerceExpr>(value)) value = coerce->operand;
    if (field->name == "columns") {
      const Type* type = value->type;
      if (type == nullptr || !type->is(Tag::type)) {
        stream.understood = false;
        continue;
      }
      const Type* inner = static_cast<const types::TypeType*>(type)->inner();
      if (inner != nullptr && inner->is(Tag::record)) stream.columns = &inner->asRecord();
      continue;
    }
    if (field->name != "ev" && field->name != "policy") continue;
    const auto* name = as<syntax::NameExpr>(value);
    if (name == nullptr || name->symbol == nullptr || name->symbol->kind != SymbolKind::callable) {
      stream.understood = false;
      continue;
    }
    (field->name == "ev" ? stream.events : stream.hooks).push_back(name->symbol->index);
  }
  if (stream.columns == nullptr) stream.understood = false;
}

}  // namespace bulkhead::prune
