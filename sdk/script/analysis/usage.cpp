#include "sdk/script/analysis/usage.h"

#include "sdk/script/analysis/tree-walk.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace bulkhead::analysis {

using namespace syntax;  // NOLINT: the tree is what every line here is about

namespace {

bool isQuiet(const Symbol& symbol) {
  return symbol.isDeprecated || (symbol.attributes != nullptr && symbol.attributes->isUsed);
}

// ---- Functions and handlers

class Reach {
 public:
  explicit Reach(const Program& program) : program_(program) {}

  void expression(const Expr* expr) {
    forEachBelow(expr, [&](const Expr* each) { one(each); });
  }
  void body(const Stmt* stmt) {
    forEachIn(
        stmt, [&](const Expr* each) { one(each); },
        [&](const EventCall& event) { reach(event.symbol); });
  }
  void reach(const Symbol* symbol) {
    if (symbol != nullptr && symbol->kind == SymbolKind::callable && reached_.insert(symbol).second)
      open_.push_back(symbol);
  }
  void finish() {
    while (!open_.empty()) {
      const Symbol* symbol = open_.back();
      open_.pop_back();
      for (const Function* function : program_.callables[symbol->index].bodies)
        if (function->origin != source::originBase) body(function->body);
    }
  }
  bool has(const Symbol* symbol) const { return reached_.contains(symbol); }

 private:
  void one(const Expr* expr) {
    if (const auto* name = as<NameExpr>(expr)) reach(name->symbol);
    if (const auto* later = as<ScheduleExpr>(expr)) reach(later->event->symbol);
    if (const auto* lambda = as<LambdaExpr>(expr)) body(lambda->body);
  }

  const Program& program_;
  std::unordered_set<const Symbol*> reached_;
  std::vector<const Symbol*> open_;
};

void reachAttributes(Reach& reach, const AttributeSet* set) {
  if (set == nullptr) return;
  for (const Expr* each :
       {set->defaultValue, set->defaultInsert, set->createExpire, set->readExpire, set->writeExpire,
        set->expireFunc, set->onChange, set->addFunc, set->deleteFunc, set->backend,
        set->brokerStore, set->typeColumn})
    reach.expression(each);
}

// ---- Assignments

// Walks a body backwards with the set of locals whose value is still read.
class Liveness {
 public:
  using Live = std::vector<bool>;  // by slot

  Liveness(const Function& function, source::Diagnostics& diagnostics)
      : function_(function), diagnostics_(diagnostics), followed_(function.locals.size(), true) {}

  void run() {
    if (function_.body == nullptr) return;
    // What a closure takes along is read when it runs; a capture itself belongs to the closure.
    for (const Capture& capture : function_.captures) skip(capture.inner);
    forEachIn(
        function_.body,
        [&](const Expr* each) {
          if (const auto* lambda = as<LambdaExpr>(each)) skipCaptures(*lambda->function);
        },
        [](const EventCall&) {});
    statement(function_.body, Live(function_.locals.size()));
  }

 private:
  bool isOwn(const Symbol* symbol) const {
    return symbol != nullptr && symbol->kind == SymbolKind::local && symbol->owner == &function_ &&
           symbol->index < followed_.size();
  }
  void skip(const Symbol* symbol) {
    if (isOwn(symbol)) followed_[symbol->index] = false;
  }
  void skipCaptures(const Function& closure) {
    for (const Capture& capture : closure.captures) skip(capture.outer);
  }
  void read(const Expr* expr, Live& live) const {
    forEachBelow(expr, [&](const Expr* each) {
      if (const auto* name = as<NameExpr>(each))
        if (isOwn(name->symbol)) live[name->symbol->index] = true;
    });
  }
  void give(const Symbol* symbol, Location at, Live& live) {
    if (!isOwn(symbol)) return;
    bool quiet = !followed_[symbol->index] || isQuiet(*symbol) || !symbol->used ||
                 symbol->name == "_" || rounds_ > 0;
    if (!live[symbol->index] && !quiet)
      diagnostics_.warning(at, "the value given to \"" + symbol->name + "\" here is never read");
    live[symbol->index] = false;
  }
  static Live either(Live a, const Live& b) {
    for (size_t i = 0; i < a.size(); ++i) a[i] = a[i] || b[i];
    return a;
  }
  Live loop(const Expr* condition, const Stmt* body, const Live& after);
  Live statement(const Stmt* stmt, Live live);

  const Function& function_;
  source::Diagnostics& diagnostics_;
  std::vector<bool> followed_;
  int rounds_ = 0;  // above 0: a loop is not settled yet, nothing is said
  int depth_ = 0;   // of loops
  Live breaks_, nexts_, falls_;
};

Liveness::Live Liveness::loop(const Expr* condition, const Stmt* body, const Live& after) {
  // Every loop is walked a few times for each round of the one around it.
  constexpr int deepest = 5;
  if (depth_ >= deepest) return Live(after.size(), true);
  ++depth_;
  Live breaks = std::exchange(breaks_, after);
  Live nexts = nexts_;
  Live head = after;
  if (condition != nullptr) read(condition, head);
  auto once = [&] {
    nexts_ = head;
    Live before = either(statement(body, head), after);
    if (condition != nullptr) read(condition, before);
    return before;
  };
  // Each round adds locals or is the last: two do for one loop, nested ones settle from inside.
  constexpr int enough = 3;
  ++rounds_;
  for (int i = 0; i < enough; ++i) {
    Live before = once();
    if (before == head) break;
    head = either(head, before);
  }
  --rounds_;
  Live before = once();
  breaks_ = std::move(breaks);
  nexts_ = std::move(nexts);
  --depth_;
  return before;
}

Liveness::Live Liveness::statement(const Stmt* stmt, Live live) {
  if (stmt == nullptr) return live;
  switch (stmt->kind) {
    case StmtKind::null:
      return live;
    case StmtKind::block: {
      auto statements = static_cast<const Block*>(stmt)->statements;
      for (size_t i = statements.size(); i > 0; --i)
        live = statement(statements[i - 1], std::move(live));
      return live;
    }
    case StmtKind::expression: {
      const Expr* expr = static_cast<const ExprStmt*>(stmt)->expr;
      const auto* assign = as<AssignExpr>(expr);
      const auto* name =
          assign != nullptr && assign->op == AssignOp::set ? as<NameExpr>(assign->target) : nullptr;
      if (name == nullptr) {
        read(expr, live);
        return live;
      }
      give(name->symbol, stmt->at, live);
      read(assign->value, live);
      return live;
    }
    case StmtKind::local: {
      const auto* local = static_cast<const LocalStmt*>(stmt);
      if (local->value != nullptr) {
        give(local->symbol, local->nameAt, live);
        read(local->value, live);
      }
      for (const Attribute* attribute : local->attributes) read(attribute->value, live);
      return live;
    }
    case StmtKind::ifElse: {
      const auto* choice = static_cast<const IfStmt*>(stmt);
      Live otherwise = statement(choice->whenFalse, live);
      live = either(statement(choice->whenTrue, std::move(live)), otherwise);
      read(choice->condition, live);
      return live;
    }
    case StmtKind::whileLoop: {
      const auto* w = static_cast<const WhileStmt*>(stmt);
      return loop(w->condition, w->body, live);
    }
    case StmtKind::forLoop: {
      const auto* f = static_cast<const ForStmt*>(stmt);
      live = loop(nullptr, f->body, live);
      read(f->range, live);
      return live;
    }
    case StmtKind::switchCase: {
      const auto* choice = static_cast<const SwitchStmt*>(stmt);
      Live breaks = std::exchange(breaks_, live);
      Live falls = falls_;
      Live all = live;
      falls_ = live;
      for (size_t i = choice->cases.size(); i > 0; --i) {
        const SwitchCase& each = choice->cases[i - 1];
        falls_ = statement(each.body, live);
        all = either(std::move(all), falls_);
      }
      breaks_ = std::move(breaks);
      falls_ = std::move(falls);
      for (const SwitchCase& each : choice->cases)
        for (const Expr* label : each.values) read(label, all);
      read(choice->subject, all);
      return all;
    }
    case StmtKind::when: {
      const auto* when = static_cast<const WhenStmt*>(stmt);
      for (const Capture& capture : when->info->function->captures)
        if (isOwn(capture.outer)) live[capture.outer->index] = true;
      read(when->timeout, live);
      return live;
    }
    case StmtKind::returnStmt: {
      Live none(live.size());
      read(static_cast<const ReturnStmt*>(stmt)->value, none);
      return none;
    }
    case StmtKind::breakStmt:
      return breaks_.empty() ? Live(live.size()) : breaks_;
    case StmtKind::next:
      return nexts_.empty() ? live : nexts_;
    case StmtKind::fallthrough:
      return falls_.empty() ? live : falls_;
    case StmtKind::print:
    case StmtKind::event:
    case StmtKind::assertStmt:
      forEachIn(
          stmt,
          [&](const Expr* each) {
            if (const auto* name = as<NameExpr>(each))
              if (isOwn(name->symbol)) live[name->symbol->index] = true;
          },
          [](const EventCall&) {});
      return live;
  }
  return live;
}

}  // namespace

void warnOfUncalled(const Program& program, source::Diagnostics& diagnostics) {
  Reach reach(program);
  std::vector<const Callable*> suspects;
  for (const Callable& callable : program.callables) {
    const Symbol& symbol = *callable.symbol;
    bool defined =
        !callable.bodies.empty() && callable.bodies.front()->origin != source::originBase;
    bool open = symbol.origin == source::originBase || symbol.module == "GLOBAL" ||
                (symbol.exported && callable.declared);
    if (isQuiet(symbol) || open || callable.native >= 0) {
      reach.reach(&symbol);
    } else if (defined) {
      suspects.push_back(&callable);
    }
  }
  for (const InitStep& step : program.initializers)
    if (step.origin != source::originBase) reach.expression(step.value);
  for (const DefaultExpr& each : program.defaults)
    if (each.origin != source::originBase) reach.expression(each.value);
  for (const AttributeSet& set : program.attributeSets) reachAttributes(reach, &set);
  if (program.statements != nullptr) reach.body(program.statements->body);
  reach.finish();
  for (bool functions : {false, true})
    for (const Callable* callable : suspects) {
      const Symbol& symbol = *callable->symbol;
      bool isFunction = callable->type->flavor() == types::Flavor::function;
      if (isFunction != functions || reach.has(&symbol)) continue;
      diagnostics.warning(symbol.at,
                          isFunction
                              ? "nothing calls \"" + symbol.name + "\", which is not exported"
                              : "nothing raises \"" + symbol.name + "\": this handler cannot run");
    }
}

void warnOfUnused(const Program& program, source::Diagnostics& diagnostics) {
  for (const Symbol& symbol : program.symbols)
    if (symbol.kind == SymbolKind::local && !symbol.isParameter && !symbol.used &&
        symbol.at.known() && symbol.name != "_" && symbol.origin != source::originBase &&
        !isQuiet(symbol))
      diagnostics.warning(symbol.at, "\"" + symbol.name + "\" is never used");
  for (const Function& function : program.functions)
    if (function.origin != source::originBase) Liveness(function, diagnostics).run();
}

}  // namespace bulkhead::analysis
