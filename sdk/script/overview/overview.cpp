#include "sdk/script/overview/overview.h"

#include "sdk/script/analysis/tree-walk.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>

namespace bulkhead::overview {

namespace {

using analysis::Symbol;
using analysis::SymbolKind;
using syntax::as;
using syntax::Expr;
using syntax::ExprKind;
using syntax::Stmt;
using types::Tag;

bool ofPackage(source::Origin origin) { return origin >= source::originFirstPackage; }

bool isRecord(const types::Type* type) { return type != nullptr && type->is(Tag::record); }

enum class Access : uint8_t { read, write };

// X::log_policy is the hook of the stream X::LOG, X::log_policy_hosts of X::HOSTS_LOG; another one
// is asked about every stream, which is the empty id.
std::optional<std::string> streamOfPolicy(std::string_view hook) {
  constexpr std::string_view policy = "::log_policy";
  if (hook == "Log::log_stream_policy") return "";
  const size_t at = hook.find(policy);
  if (at == hook.npos) return std::nullopt;
  std::string id(hook.substr(0, at + 2));
  std::string_view rest = hook.substr(at + policy.size());
  if (rest.empty()) return id + "LOG";
  if (rest.front() != '_') return std::nullopt;
  for (char c : rest.substr(1))
    id += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return id + "_LOG";
}

class Describer {
 public:
  Describer(const analysis::Program& program, bool (*raisedByHost)(std::string_view))
      : program_(program), raisedByHost_(raisedByHost) {}

  Overview run() {
    for (const auto& symbol : program_.symbols)
      if (symbol.kind == SymbolKind::type && symbol.origin == source::originBase &&
          isRecord(symbol.type))
        library_.insert(symbol.type);
    for (const analysis::Function& function : program_.functions)
      if (ofPackage(function.origin)) statement(function.body);
    if (program_.statements != nullptr && ofPackage(program_.statements->origin))
      statement(program_.statements->body);
    for (const analysis::InitStep& step : program_.initializers)
      if (ofPackage(step.origin)) read(step.value);
    for (const analysis::DefaultExpr& each : program_.defaults)
      if (ofPackage(each.origin)) read(each.value);
    handlers();
    addedFields();
    loads();
    for (auto& [key, use] : fields_) out_.fields.push_back(std::move(use));
    for (auto& [key, use] : streams_) out_.streams.push_back(std::move(use));
    for (auto& [key, use] : doors_) out_.doors.push_back(std::move(use));
    return std::move(out_);
  }

 private:
  void handlers();
  void addedFields();
  void loads();
  void statement(const Stmt* stmt);
  void expr(const Expr* expr, Access access);
  void read(const Expr* e) { expr(e, Access::read); }
  void readAll(std::span<Expr* const> all) {
    for (const Expr* each : all) read(each);
  }
  void field(const syntax::FieldExpr& field, Access access);
  void call(const syntax::CallExpr& call);
  void logs(std::string_view function, const Expr* id, Location at);
  void named(const syntax::NameExpr& name);
  StreamUse& stream(const Expr* id, Location at);

  const analysis::Program& program_;
  const analysis::ExprVisitor readPart_ = [this](const Expr* part) { read(part); };
  bool (*raisedByHost_)(std::string_view);
  Overview out_;
  std::set<const types::Type*> library_;  // records that the base library declares
  std::set<const Symbol*> raises_;        // events, by name or taken as a value
  std::map<std::pair<std::string, std::string>, FieldUse> fields_;
  std::map<std::string, StreamUse> streams_;
  std::map<std::pair<Reach, std::string>, Door> doors_;
};

void Describer::handlers() {
  std::map<std::string, Handled> events, hooks;
  for (const analysis::Callable& callable : program_.callables) {
    if (callable.symbol == nullptr || callable.type == nullptr) continue;
    const auto flavor = callable.type->flavor();
    if (flavor == types::Flavor::function) continue;
    Handled handled;
    for (const analysis::Function* body : callable.bodies) {
      if (!ofPackage(body->origin)) continue;
      if (handled.bodies++ == 0 || body->at < handled.at) handled.at = body->at;
    }
    if (handled.bodies == 0) continue;
    const Symbol& symbol = *callable.symbol;
    handled.name = symbol.name;
    if (flavor == types::Flavor::event && raisedByHost_(symbol.name)) {
      handled.from = Handled::From::host;
    } else if (!callable.declared && !raises_.contains(&symbol)) {
      handled.from = Handled::From::nobody;
    } else {
      handled.from = !callable.declared || ofPackage(symbol.origin) ? Handled::From::package
                                                                    : Handled::From::library;
    }
    // A policy hook of a log stream sees its rows and may veto them.
    if (flavor == types::Flavor::hook && handled.from == Handled::From::library) {
      if (auto id = streamOfPolicy(symbol.name)) {
        StreamUse& use = streams_[*id];
        if (!use.at.known()) use = {.id = *id, .at = handled.at};
        use.filtered = true;
      }
    }
    (flavor == types::Flavor::event ? events : hooks)[handled.name] = handled;
  }
  for (auto& [name, each] : events) out_.events.push_back(std::move(each));
  for (auto& [name, each] : hooks) out_.hooks.push_back(std::move(each));
}

void Describer::addedFields() {
  for (const types::Type* type : library_) {
    for (const types::Field& field : type->asRecord().fields()) {
      if (!ofPackage(field.origin)) continue;
      FieldUse& use = fields_[{type->name(), field.name}];
      use.record = type->name();
      use.path = field.name;
      use.added = true;
      use.logged = field.log;
    }
  }
}

void Describer::loads() {
  std::set<std::string> seen;
  for (const analysis::LoadDirective& load : program_.loads) {
    if (!ofPackage(load.origin)) continue;
    // What the package loads of itself says nothing about it.
    if (!load.signatures && !load.ofLibrary) continue;
    if (seen.insert(load.target).second)
      out_.loads.push_back({load.target, load.signatures, load.at});
  }
}

void Describer::statement(const Stmt* stmt) {
  analysis::forEachExpr(
      stmt, [&](const Expr* each) { read(each); },
      [&](const syntax::EventCall& event) { raises_.insert(event.symbol); });
}

// Most expressions read their parts; these are the others.
void Describer::expr(const Expr* e, Access access) {
  if (e == nullptr) return;
  switch (e->kind) {
    case ExprKind::name: {
      const auto& name = *as<syntax::NameExpr>(e);
      named(name);
      // Taken as a value: what it is called with shows later.
      if (name.symbol != nullptr && name.symbol->kind == SymbolKind::callable)
        logs(name.symbol->name, nullptr, name.at);
      return;
    }
    case ExprKind::unary: {
      const auto& unary = *as<syntax::UnaryExpr>(e);
      read(unary.operand);
      if (unary.op == syntax::UnaryOp::increment || unary.op == syntax::UnaryOp::decrement)
        expr(unary.operand, Access::write);
      return;
    }
    case ExprKind::assign: {
      const auto& assign = *as<syntax::AssignExpr>(e);
      if (assign.op != syntax::AssignOp::set) read(assign.target);
      expr(assign.target, Access::write);
      return read(assign.value);
    }
    case ExprKind::index: {
      // What is put into a container changes what it belongs to.
      const auto& index = *as<syntax::IndexExpr>(e);
      expr(index.base, access);
      return readAll(index.indices);
    }
    case ExprKind::slice: {
      const auto& slice = *as<syntax::SliceExpr>(e);
      expr(slice.base, access);
      read(slice.low);
      return read(slice.high);
    }
    case ExprKind::field:
    case ExprKind::hasField:
      return field(*as<syntax::FieldExpr>(e), access);
    case ExprKind::call:
      return call(*as<syntax::CallExpr>(e));
    case ExprKind::list:
      for (const Expr* each : as<syntax::ListExpr>(e)->elements) expr(each, access);
      return;
    case ExprKind::recordConstructor:
    case ExprKind::tableConstructor:
    case ExprKind::setConstructor:
    case ExprKind::vectorConstructor:
      analysis::forEachPart(e, [&](const Expr* part) {
        // [key] = value in a table is no assignment.
        if (part->kind == ExprKind::assign) return analysis::forEachPart(part, readPart_);
        read(part);
      });
      return;
    case ExprKind::schedule:
      raises_.insert(as<syntax::ScheduleExpr>(e)->event->symbol);
      return analysis::forEachPart(e, readPart_);
    case ExprKind::add:
    case ExprKind::remove:
      return expr(as<syntax::ElementExpr>(e)->operand, Access::write);
    case ExprKind::coerce:
      return expr(as<syntax::CoerceExpr>(e)->operand, access);
    default:
      return analysis::forEachPart(e, readPart_);
  }
}

// The longest way that begins at a record of the library: c$id$orig_h is "id.orig_h" of
// "connection".
void Describer::field(const syntax::FieldExpr& last, Access access) {
  std::vector<const syntax::FieldExpr*> way;  // innermost last
  const Expr* at = &last;
  while (const auto* step = as<syntax::FieldExpr>(at)) {
    way.push_back(step);
    at = step->base;
    while (at != nullptr && at->kind == ExprKind::coerce) at = as<syntax::CoerceExpr>(at)->operand;
    if (at == nullptr) return;
  }
  read(at);
  std::reverse(way.begin(), way.end());
  for (size_t begin = 0; begin < way.size(); ++begin) {
    const auto* record = way[begin]->base->type;
    if (!isRecord(record) || !library_.contains(record)) continue;
    std::string path;
    bool known = true;
    for (size_t i = begin; i < way.size(); ++i) {
      known = known && way[i]->fieldIndex >= 0;
      path += (path.empty() ? "" : ".") + std::string(way[i]->name);
    }
    if (!known) return;
    FieldUse& use = fields_[{record->name(), path}];
    if (use.path.empty()) {
      use.record = record->name();
      use.path = path;
    }
    if (!use.at.known() || last.caret < use.at) use.at = last.caret;
    (access == Access::write ? use.written : use.read) = true;
    return;
  }
}

StreamUse& Describer::stream(const Expr* id, Location at) {
  while (id != nullptr && id->kind == ExprKind::coerce) id = as<syntax::CoerceExpr>(id)->operand;
  std::string name;
  if (const auto* literal = as<syntax::LiteralExpr>(id);
      literal != nullptr && literal->literal == syntax::LiteralKind::enumerator &&
      literal->type != nullptr && literal->type->is(Tag::enumeration)) {
    if (const auto* entry = literal->type->asEnum().findValue(literal->integer)) name = entry->name;
  }
  StreamUse& use = streams_[name];
  if (!use.at.known() || at < use.at) use.at = at;
  use.id = name;
  return use;
}

void Describer::call(const syntax::CallExpr& call) {
  readAll(call.arguments);
  const auto* name = as<syntax::NameExpr>(call.callee);
  if (name == nullptr) return read(call.callee);
  named(*name);
  if (name->symbol == nullptr || call.arguments.empty()) return;
  logs(name->symbol->name, call.arguments[0], call.at);
}

// What a function does to the log stream `id`; null if that is known only when it runs.
void Describer::logs(std::string_view function, const Expr* id, Location at) {
  if (function == "Log::create_stream") stream(id, at).created = true;
  if (function == "Log::write") stream(id, at).written = true;
  for (const char* changes :
       {"Log::add_filter", "Log::remove_filter", "Log::add_default_filter",
        "Log::remove_default_filter", "Log::disable_stream", "Log::enable_stream",
        "Log::remove_stream", "Log::set_buf", "Log::delay"})
    if (function == changes) stream(id, at).filtered = true;
}

// A function that is taken as a value may be called by anyone later.
void Describer::named(const syntax::NameExpr& name) {
  if (name.symbol == nullptr || name.symbol->kind != SymbolKind::callable) return;
  raises_.insert(name.symbol);
  if (ofPackage(name.symbol->origin)) return;
  auto reach = reachOf(name.symbol->name);
  if (!reach) return;
  Door& door = doors_[{*reach, name.symbol->name}];
  door.function = name.symbol->name;
  door.reach = *reach;
  if (!door.at.known() || name.at < door.at) door.at = name.at;
}

}  // namespace

Overview describe(const analysis::Program& program, bool (*raisedByHost)(std::string_view)) {
  return Describer(program, raisedByHost).run();
}

}  // namespace bulkhead::overview
