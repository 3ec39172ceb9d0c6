// Statements.

#include "sdk/script/analysis/checker.h"

#include <algorithm>
#include <utility>

namespace bulkhead::analysis {

namespace {

bool hasNoEffect(const Expr* expr) {
  switch (expr->kind) {
    case ExprKind::literal:
    case ExprKind::name:
      return true;
    case ExprKind::binary: {
      const auto* binary = as<BinaryExpr>(expr);
      return hasNoEffect(binary->left) && hasNoEffect(binary->right);
    }
    case ExprKind::field:
    case ExprKind::hasField:
      return hasNoEffect(as<FieldExpr>(expr)->base);
    case ExprKind::coerce:
      return hasNoEffect(as<CoerceExpr>(expr)->operand);
    case ExprKind::unary: {
      const auto* unary = as<UnaryExpr>(expr);
      return unary->op != UnaryOp::increment && unary->op != UnaryOp::decrement &&
             hasNoEffect(unary->operand);
    }
    default:
      return false;
  }
}

}  // namespace

void Checker::block(Block* b) {
  if (b == nullptr) return;
  frame_->blocks.emplace_back();
  for (Stmt* each : b->statements) statement(each);
  frame_->blocks.pop_back();
}

void Checker::statement(Stmt* s) {
  if (s == nullptr) return;
  switch (s->kind) {
    case StmtKind::null:
      break;
    case StmtKind::block:
      block(static_cast<Block*>(s));
      break;
    case StmtKind::expression: {
      Expr*& expr = static_cast<ExprStmt*>(s)->expr;
      if (!isError(check(expr, nullptr)) && hasNoEffect(expr))
        diagnostics_.warning(expr->at, "the value of this expression is not used");
      break;
    }
    case StmtKind::local:
      localStatement(static_cast<LocalStmt*>(s));
      break;
    case StmtKind::print:
      for (Expr*& each : static_cast<PrintStmt*>(s)->arguments) {
        const Type* type = check(each, nullptr);
        if (!isError(type) && type->is(Tag::void_))
          error(each->at, "this call has no result to print");
      }
      break;
    case StmtKind::ifElse: {
      auto* i = static_cast<IfStmt*>(s);
      checkCondition(i->condition, "the condition of an if");
      // A branch without braces is no block of its own: what it declares is known behind it.
      statement(i->whenTrue);
      statement(i->whenFalse);
      break;
    }
    case StmtKind::whileLoop: {
      auto* w = static_cast<WhileStmt*>(s);
      checkCondition(w->condition, "the condition of a while");
      ++frame_->loops;
      frame_->blocks.emplace_back();
      statement(w->body);
      frame_->blocks.pop_back();
      --frame_->loops;
      break;
    }
    case StmtKind::forLoop:
      forStatement(static_cast<ForStmt*>(s));
      break;
    case StmtKind::switchCase:
      switchStatement(static_cast<SwitchStmt*>(s));
      break;
    case StmtKind::when:
      whenStatement(static_cast<WhenStmt*>(s));
      break;
    case StmtKind::returnStmt:
      returnStatement(static_cast<ReturnStmt*>(s));
      break;
    case StmtKind::breakStmt:
      if (frame_->loops == 0 && frame_->switches == 0 &&
          !(frame_->type != nullptr && frame_->type->flavor() == types::Flavor::hook))
        error(s->at, "break stands in no loop, switch or hook");
      break;
    case StmtKind::next:
      if (frame_->loops == 0) error(s->at, "next stands in no loop");
      break;
    case StmtKind::fallthrough:
      if (frame_->switches == 0) error(s->at, "fallthrough stands in no switch");
      if (frame_->caseNamesValue)
        error(s->at, "no fallthrough from a case that names its value: the next one has another");
      break;
    case StmtKind::event:
      checkEventCall(static_cast<EventStmt*>(s)->event);
      break;
    case StmtKind::assertStmt: {
      auto* a = static_cast<AssertStmt*>(s);
      // What the hooks of assertions are given; declared only where the library has its type.
      if (program_->find("Backtrace") != nullptr) settle("backtrace");
      checkCondition(a->condition, "the condition of an assert");
      if (a->message != nullptr)
        checkAs(a->message, basic(Tag::string), "the message of an assert");
      break;
    }
  }
}

void Checker::localStatement(LocalStmt* s) {
  const Type* type = nullptr;
  if (s->typeExpr != nullptr) type = resolve(s->typeExpr);
  if (s->value != nullptr) {
    if (type != nullptr) {
      checkAs(s->value, type, "the value of \"" + std::string(s->name) + "\"");
    } else {
      shapeUntyped(s->value);
      type = check(s->value, nullptr);
      if (!isError(type) && type->is(Tag::void_)) {
        error(s->value->at, "this call has no result");
        type = errorType();
      } else if (!isError(type) && (type->is(Tag::list) || isOfNoType(type))) {
        error(s->value->at, "the type of \"" + std::string(s->name) +
                                "\" does not follow from its value; declare it");
        type = errorType();
      }
    }
  } else if (type == nullptr) {
    error(s->nameAt, "\"" + std::string(s->name) + "\" needs a type or a value");
    type = errorType();
  }
  s->symbol = declareLocal(s->name, type, s->nameAt);
  s->symbol->isConst = s->isConst;
  s->symbol->assigned = s->value != nullptr;
  if (!s->attributes.empty()) s->symbol->attributes = attributes(s->attributes, type, nullptr);
  if (s->value != nullptr || isError(type)) return;
  if (needsEmpty(type)) {
    frame_->function->emptyAtEntry.push_back(s->symbol);
  } else {
    s->symbol->mayBeUnset = true;
  }
}

void Checker::forStatement(ForStmt* s) {
  const Type* range = check(s->range, nullptr);
  std::vector<const Type*> keys;
  const Type* value = nullptr;
  if (isError(range)) {
    keys.assign(s->keys.size(), errorType());
    value = errorType();
  } else if (range->isTableOrSet()) {
    keys = range->asTable().indices();
    value = range->asTable().value();
    // One variable may take a whole composite key apart only if it is one record; one `_` may
    // pass over any.
    if (s->keys.size() == 1 && s->keys[0].name == "_") keys.resize(1);
    if (keys.size() != s->keys.size()) {
      error(s->at, "this loop needs " + std::to_string(keys.size()) +
                       " variables for the indices of " + text(range));
      keys.assign(s->keys.size(), errorType());
    }
    if (s->value != nullptr && value == nullptr) {
      error(s->value->at, "a set has no values to loop over");
      value = errorType();
    }
  } else if (range->is(Tag::vector)) {
    keys = {basic(Tag::count)};
    value = range->asVector().element();
  } else if (range->is(Tag::string)) {
    keys = {basic(Tag::string)};
    if (s->value != nullptr) error(s->value->at, "a loop over a string has one variable");
    value = errorType();
  } else {
    error(s->range->at, "cannot loop over a value of type " + text(range));
    keys.assign(s->keys.size(), errorType());
    value = errorType();
  }
  if (keys.size() != s->keys.size()) {
    if (!isError(range) && !range->isTableOrSet()) error(s->at, "this loop has one index variable");
    keys.resize(s->keys.size(), errorType());
  }
  // Loop variables belong to the block around the loop and are known behind it.
  auto bind = [&](LoopVariable& variable, const Type* type) {
    if (variable.name == "_") return;
    // A name that the function has already is used again, as in Zeek.
    Symbol* known = localIn(frame_, variable.name);
    Symbol* taken = known != nullptr ? (known->isConst ? known : nullptr)
                                     : findGlobalName(variable.name, false, {});
    if (taken != nullptr && (taken->kind == SymbolKind::global || known != nullptr))
      error(variable.at, "the loop cannot use \"" + taken->name + "\", which is a " +
                             (taken->isConst ? "constant" : "global variable"))
          .notes.push_back({taken->at, "declared here"});
    if (known != nullptr && !isError(known->type) && !isError(type) &&
        types::sameType(known->type, type)) {
      variable.symbol = known;
    } else {
      variable.symbol = addLocal(*frame_, variable.name, type, variable.at);
      variable.symbol->ofLoop = true;
      frame_->blocks.back()[variable.symbol->name] = variable.symbol;
    }
    variable.symbol->assigned = true;
    if (known == nullptr) variable.symbol->used = true;
  };
  for (size_t i = 0; i < s->keys.size(); ++i) bind(s->keys[i], keys[i]);
  if (s->value != nullptr) bind(*s->value, value);
  ++frame_->loops;
  statement(s->body);
  --frame_->loops;
}

namespace {

// Whether the last statement of a case says what comes after it.
bool leavesCase(const Stmt* last) {
  if (last == nullptr) return false;
  if (last->kind == StmtKind::block) {
    const auto& all = static_cast<const Block*>(last)->statements;
    return !all.empty() && leavesCase(all.back());
  }
  return last->kind == StmtKind::breakStmt || last->kind == StmtKind::fallthrough ||
         last->kind == StmtKind::next || last->kind == StmtKind::returnStmt;
}

}  // namespace

void Checker::switchStatement(SwitchStmt* s) {
  const Type* subject = check(s->subject, nullptr);
  bool hasDefault = false, mixed = false;
  bool byValue = false, byType = false;
  std::vector<const Type*> seen;
  for (SwitchCase& each : s->cases) {
    byValue = byValue || !each.values.empty();
    byType = byType || !each.types.empty();
    if (byValue && byType && !std::exchange(mixed, true))
      error(s->at, "the cases of one switch are either values or types");
    if (!leavesCase(each.body))
      error(each.at, "this case must end in break, fallthrough or return");
    for (Expr*& label : each.values) {
      if (isError(subject))
        check(label, nullptr);
      else if (!checkAs(label, subject, "a case of this switch"))
        continue;
    }
    frame_->blocks.emplace_back();
    for (SwitchTypeLabel& label : each.types) {
      label.type = resolve(label.typeExpr);
      for (const Type* before : seen)
        if (!isError(label.type) && types::sameType(before, label.type) &&
            before->tag() == label.type->tag())
          error(label.at, "this switch has two cases for type " + text(label.type));
      if (!isError(label.type)) seen.push_back(label.type);
      if (!label.name.empty()) {
        label.symbol = declareLocal(label.name, label.type, label.at);
        label.symbol->assigned = true;
      }
      if (!isError(subject) && !subject->is(Tag::any) && !isError(label.type) &&
          !types::sameType(subject, label.type))
        error(label.at, "a value of type " + text(subject) + " is never a " + text(label.type));
    }
    if (each.isDefault) {
      if (hasDefault) error(each.at, "this switch has two defaults");
      hasDefault = true;
    }
    ++frame_->switches;
    bool naming = std::any_of(each.types.begin(), each.types.end(),
                              [](const SwitchTypeLabel& label) { return !label.name.empty(); });
    bool before = std::exchange(frame_->caseNamesValue, naming);
    block(each.body);
    frame_->caseNamesValue = before;
    --frame_->switches;
    frame_->blocks.pop_back();
  }
}

void Checker::captures(Frame& frame, std::span<LambdaCapture> list) {
  for (LambdaCapture& each : list) {
    Symbol* outer = frame.outer != nullptr ? localIn(frame.outer, each.name) : nullptr;
    if (outer == nullptr && frame.outer != nullptr)
      outer = captureFrom(frame.outer, each.name, each.at);
    if (outer == nullptr) {
      error(each.at, "there is no local \"" + std::string(each.name) + "\" here to capture");
      outer = declareLocal(each.name, errorType(), each.at);
    }
    outer->used = true;
    Symbol* inner = addLocal(frame, each.name, outer->type, each.at);
    inner->assigned = true;
    inner->mayBeUnset = outer->mayBeUnset;
    inner->used = isError(outer->type);
    if (!isError(outer->type) && frame.blocks.front().contains(inner->name))
      error(each.at, "\"" + inner->name + "\" is captured twice");
    frame.blocks.front()[inner->name] = inner;
    frame.function->captures.push_back({outer, inner, each.deepCopy});
  }
}

void Checker::captureUses(const Function& function, std::span<LambdaCapture> list, Location end) {
  for (const LambdaCapture& each : list)
    for (const Capture& capture : function.captures)
      if (capture.inner->name == each.name && !capture.inner->used) {
        error(each.at, "\"" + capture.inner->name + "\" is captured, but not used")
            .notes.push_back({end, "nothing up to here names it"});
        capture.inner->used = true;
      }
}

void Checker::whenStatement(WhenStmt* s) {
  if (s->timeout != nullptr) checkAs(s->timeout, basic(Tag::interval), "the timeout of a when");
  Function& function = program_->functions.emplace_back();
  function.name = "when";
  function.module = module_;
  function.at = s->at;
  function.origin = originAt(s->at);
  function.enclosing = frame_->function;
  const Type* result =
      s->isReturn && frame_->type != nullptr ? frame_->type->result() : basic(Tag::void_);
  function.type = &types_.function(types::Flavor::function, {}, result);
  WhenInfo& info = program_->whens.emplace_back();
  info.function = &function;
  s->info = &info;
  Frame frame;
  frame.function = &function;
  frame.outer = frame_;
  frame.type = function.type;
  frame.when = &info;
  frame.blocks.emplace_back();
  Frame* before = frame_;
  frame_ = &frame;
  captures(frame, s->captures);
  frame.inCondition = true;
  checkCondition(s->condition, "the condition of a when");
  frame.inCondition = false;
  frame.blocks.emplace_back();
  statement(s->body);
  frame.blocks.pop_back();
  if (s->timeoutBody != nullptr) block(s->timeoutBody);
  frame_ = before;
  captureUses(function, s->captures,
              s->body->kind == StmtKind::block ? static_cast<Block*>(s->body)->end : s->body->at);
}

void Checker::returnStatement(ReturnStmt* s) {
  if (frame_->inferResult) {
    const Type* have = s->value != nullptr ? check(s->value, frame_->inferred) : basic(Tag::void_);
    if (frame_->inferred == nullptr)
      frame_->inferred = have;
    else if (s->value != nullptr && !coerce(s->value, frame_->inferred))
      error(s->at, "this returns " + text(have) + ", an earlier return " + text(frame_->inferred));
    return;
  }
  const Type* wanted = frame_->type != nullptr ? frame_->type->result() : basic(Tag::void_);
  auto flavor = frame_->type != nullptr ? frame_->type->flavor() : types::Flavor::function;
  if (flavor != types::Flavor::function) {
    if (s->value != nullptr && flavor == types::Flavor::hook) {
      diagnostics_.warning(s->at, "the value that a hook returns is not used; `break` stops it");
      checkAs(s->value, basic(Tag::boolean), "the value that a hook returns");
    } else if (s->value != nullptr) {
      error(s->at, "an event handler returns no value");
      check(s->value, nullptr);
    }
    return;
  }
  if (s->value == nullptr) {
    if (!isError(wanted) && !wanted->is(Tag::void_) && !wanted->is(Tag::any))
      error(s->at, "this function must return a value of type " + text(wanted));
    return;
  }
  if (!isError(wanted) && wanted->is(Tag::void_)) {
    const Type* have = check(s->value, nullptr);
    if (!isError(have) && !have->is(Tag::void_))
      error(s->at, "this function is declared to return nothing");
    return;
  }
  checkAs(s->value, wanted, "the value returned");
}

}  // namespace bulkhead::analysis
