#include "sdk/script/analysis/canonical.h"
#include "sdk/script/compile/lower.h"

#include <cassert>
#include <utility>

namespace bulkhead::compile {

using syntax::as;
using syntax::ExprKind;
using syntax::StmtKind;

Lowerer::Lowerer(ModuleCompiler& module, uint32_t code, const analysis::Function* function)
    : module_(module), codeIndex_(code), function_(function), emit_(module.out().codes[code]) {}

bool Lowerer::isHook() const {
  return function_ != nullptr && function_->type != nullptr &&
         function_->type->flavor() == types::Flavor::hook;
}

// ---- Whole Codes

void Lowerer::begin() {
  if (function_ == nullptr) return;
  vm::Code& out = code();
  out.parameterCount = function_->parameterCount;
  out.resultType =
      function_->type != nullptr ? function_->type->result() : module_.types().basic(Tag::void_);
  if (resultOverride_ != nullptr) out.resultType = resultOverride_;
  for (uint32_t i = 0; i < function_->locals.size(); ++i) {
    bool isManaged = managed(function_->locals[i]->type);
    if (i < function_->parameterCount) {
      out.parameterManaged.push_back(isManaged ? 1 : 0);
      out.anyManagedParameter = out.anyManagedParameter || isManaged;
      locals_.push_back(emit_.parameter(i));
    } else {
      locals_.push_back(emit_.fixed(isManaged));
    }
  }
  for (const Symbol* local : function_->locals)
    flags_.push_back(local->mayBeUnset && !managed(local->type) ? emit_.fixed(false) : noReg);
}

void Lowerer::prologue() {
  // Captures come out of the closure, in the order of closureSite(); containers begin empty; the
  // flags of plain locals say that they have no value yet.
  int32_t index = 0;
  for (bool wantManaged : {true, false}) {
    for (const analysis::Capture& capture : function_->captures) {
      if (managed(capture.outer->type) != wantManaged) continue;
      captures_[capture.inner] = {index};
      emit_.emit(wantManaged ? Op::loadCaptureM : Op::loadCapture, localReg(*capture.inner), noReg,
                 noReg, index);
      ++index;
    }
  }
  for (const analysis::Capture& capture : function_->captures) {
    if (flagOf(*capture.inner).none()) continue;
    captures_[capture.inner].flag = index;
    emit_.emit(Op::loadCapture, flagOf(*capture.inner), noReg, noReg, index++);
  }
  for (const Symbol* local : function_->locals) {
    if (!flagOf(*local).none() && !captures_.contains(local))
      emit_.emit(Op::loadI, flagOf(*local), noReg, noReg, 0);
  }
  emptyLocals();
}

void Lowerer::functionBody() {
  begin();
  at(function_->at);
  prologue();
  if (function_->body != nullptr) block(*function_->body);
  at(function_->end);
  const types::FuncType* type = function_->type;
  if (type != nullptr && type->flavor() == types::Flavor::function &&
      !type->result()->is(Tag::void_)) {
    emit_.emit(Op::retNone, noReg, noReg, noReg, module_.stringConstant(function_->name));
  } else {
    fallOff();
  }
  finish();
}

void Lowerer::droppedBody() {
  begin();
  at(function_->at);
  emit_.emit(Op::fail, noReg, noReg, noReg,
             module_.stringConstant("this function was left out although it is called: a mistake "
                                    "of Bulkhead; the run can be repeated with --no-prune"));
  fallOff();
  finish();
}

void Lowerer::fallOff() { emit_.emit(Op::retVoid); }

void Lowerer::finish() {
  if (!emit_.finish()) {
    module_.error(function_ != nullptr ? function_->at : source::Location{},
                  "function is too large: too many local variables and temporaries");
  }
}

void Lowerer::whenBody(const syntax::WhenStmt& when) {
  begin();
  at(when.at);
  prologue();
  Label holds;
  inCondition_ = true;
  condition(when.condition, true, holds);
  inCondition_ = false;
  emit_.emit(Op::retWait);
  emit_.bind(holds);
  emit_.emit(Op::whenHolds);
  statement(when.body);
  fallOff();
  finish();
}

void Lowerer::whenTimeout(const syntax::WhenStmt& when) {
  begin();
  at(when.at);
  prologue();
  block(*when.timeoutBody);
  fallOff();
  finish();
}

void Lowerer::expressionBody(const Expr* expr, const Type* type) {
  begin();
  code().resultType = type;
  at(expr->at);
  ofAttribute_ = true;
  Reg reg = temporary(type);
  intoAs(expr, type, reg);
  emit_.emit(managed(type) ? Op::retT : Op::ret, reg);
  finish();
}

void Lowerer::initStep(const analysis::InitStep& step) {
  auto mark = emit_.mark();
  at(step.at);
  const Symbol& symbol = *step.target;
  uint16_t attributes = module_.attributes(symbol.attributes, symbol.type);
  switch (step.kind) {
    case analysis::InitKind::empty: {
      Reg reg = emit_.temporary(true);
      emptyInto(symbol.type, reg, attributes);
      storeGlobal(symbol, reg);
      break;
    }
    case analysis::InitKind::set: {
      assignTo(symbol, step.value);
      if (attributes != 0 && symbol.type->isTableOrSet()) {
        Reg reg = emit_.temporary(true);
        emit_.emit(Op::getGM, reg, noReg, noReg, static_cast<int32_t>(symbol.index));
        emit_.emit(Op::attachAttributes, reg, noReg, noReg, attributes - 1);
      }
      break;
    }
    case analysis::InitKind::add:
    case analysis::InitKind::remove: {
      bool removes = step.kind == analysis::InitKind::remove;
      auto op = removes ? syntax::AssignOp::subtract : syntax::AssignOp::add;
      const Type* type = symbol.type;
      Reg base = temporary(type);
      auto index = static_cast<int32_t>(symbol.index);
      emit_.emit(managed(type) ? Op::getGM : Op::getG, base, noReg, noReg, index);
      if (type->isTableOrSet() || (type->is(Tag::vector) && step.value->type->is(Tag::vector))) {
        Reg from = stableAs(step.value, type);
        emit_.emit(Op::containerAdd, base, from, noReg, removes ? 1 : 0);
      } else if (type->is(Tag::vector)) {
        Reg from = stableAs(step.value, type->asVector().element());
        emit_.emit(Op::vecAppend, base, from);
      } else {
        Reg sum = temporary(type);
        combine(type, base, step.value, op, sum);
        storeGlobal(symbol, sum);
      }
      break;
    }
    case analysis::InitKind::addFunc:
    case analysis::InitKind::deleteFunc: {
      const Expr* callee = step.kind == analysis::InitKind::addFunc ? symbol.attributes->addFunc
                                                                    : symbol.attributes->deleteFunc;
      const Type* type = symbol.type;
      Reg function = stable(callee);
      Reg old = temporary(type);
      emit_.emit(managed(type) ? Op::getGM : Op::getG, old, noReg, noReg,
                 static_cast<int32_t>(symbol.index));
      Reg added = stableAs(step.value, type);
      bool isManaged = managed(type);
      int32_t site =
          siteOf(0, {{old.bits, isManaged, false, type}, {added.bits, isManaged, false, type}});
      code().callSites.back().result = type;
      Reg result = temporary(type);
      emit_.emit(isManaged ? Op::callValueM : Op::callValue, result, function, noReg, site);
      storeGlobal(symbol, result);
      break;
    }
  }
  emit_.release(mark);
}

// ---- Statements

void Lowerer::block(const syntax::Block& block) {
  for (const Stmt* stmt : block.statements) statement(stmt);
}

void Lowerer::endStatement(const Stmt& stmt, uint32_t begin) {
  using Statement = vm::Code::Statement;
  if (nativeValues_ == 0 || stmt.kind == StmtKind::block) return;
  uint32_t next = emit_.here();
  if (stmt.kind == StmtKind::returnStmt) next = Statement::atEnd;
  // What comes after counts on the variable.
  if (stmt.kind == StmtKind::local) next = Statement::nowhere;
  code().statements.push_back({begin, emit_.here(), next});
}

void Lowerer::statement(const Stmt* stmt) {
  if (stmt == nullptr) return;
  auto mark = emit_.mark();
  const uint32_t begin = emit_.here();
  const uint32_t outerValues = std::exchange(nativeValues_, 0);
  at(stmt->at);
  switch (stmt->kind) {
    case StmtKind::null:
      break;
    case StmtKind::block:
      block(*static_cast<const syntax::Block*>(stmt));
      break;
    case StmtKind::expression:
      effect(static_cast<const syntax::ExprStmt*>(stmt)->expr);
      break;
    case StmtKind::local:
      local(*static_cast<const syntax::LocalStmt*>(stmt));
      break;
    case StmtKind::print:
      print(*static_cast<const syntax::PrintStmt*>(stmt));
      break;
    case StmtKind::ifElse:
      ifElse(*static_cast<const syntax::IfStmt*>(stmt));
      break;
    case StmtKind::whileLoop:
      whileLoop(*static_cast<const syntax::WhileStmt*>(stmt));
      break;
    case StmtKind::forLoop:
      forLoop(*static_cast<const syntax::ForStmt*>(stmt));
      break;
    case StmtKind::switchCase:
      switchCase(*static_cast<const syntax::SwitchStmt*>(stmt));
      break;
    case StmtKind::when:
      when(*static_cast<const syntax::WhenStmt*>(stmt));
      break;
    case StmtKind::returnStmt:
      returns(*static_cast<const syntax::ReturnStmt*>(stmt));
      break;
    case StmtKind::breakStmt:
      if (!targets_.empty()) {
        emit_.jump(*targets_.back().breakTo);
      } else if (isHook()) {
        emit_.emit(Op::retBreak);
      } else {
        module_.error(stmt->at, "break outside of a loop, switch or hook");
      }
      break;
    case StmtKind::next:
      for (auto target = targets_.rbegin(); target != targets_.rend(); ++target) {
        if (target->nextTo == nullptr) continue;
        emit_.jump(*target->nextTo);
        break;
      }
      break;
    case StmtKind::fallthrough:
      for (auto target = targets_.rbegin(); target != targets_.rend(); ++target) {
        if (target->fallthroughTo == nullptr) continue;
        emit_.jump(*target->fallthroughTo);
        break;
      }
      break;
    case StmtKind::event:
      raise(*static_cast<const syntax::EventStmt*>(stmt)->event, noReg);
      break;
    case StmtKind::assertStmt:
      assertion(*static_cast<const syntax::AssertStmt*>(stmt));
      break;
  }
  endStatement(*stmt, begin);
  nativeValues_ = outerValues;
  emit_.release(mark);
}

void Lowerer::local(const syntax::LocalStmt& stmt) {
  if (stmt.value != nullptr) assignTo(*stmt.symbol, stmt.value);
}

void Lowerer::print(const syntax::PrintStmt& stmt) {
  std::span<Expr* const> arguments = stmt.arguments;
  Reg file;
  bool toFile = !arguments.empty() && arguments[0]->type->is(Tag::file);
  if (toFile) {
    file = stable(arguments[0]);
    arguments = arguments.subspan(1);
  }
  std::vector<vm::Argument> list;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const Expr* argument = arguments[i];
    while (const auto* coerce = as<syntax::CoerceExpr>(argument)) {
      if (coerce->coercion != syntax::CoerceKind::toAny) break;
      argument = coerce->operand;
    }
    Reg reg = i + 1 == arguments.size() ? value(argument) : stable(argument);
    list.push_back({reg.bits, managed(argument->type), false, argument->type});
  }
  int32_t site = siteOf(0, std::move(list));
  at(stmt.at);
  if (toFile) {
    emit_.emit(Op::printFile, file, noReg, noReg, site);
  } else {
    emit_.emit(Op::print, noReg, noReg, noReg, site);
  }
}

void Lowerer::ifElse(const syntax::IfStmt& stmt) {
  Label otherwise;
  condition(stmt.condition, false, otherwise);
  statement(stmt.whenTrue);
  if (stmt.whenFalse == nullptr) {
    emit_.bind(otherwise);
    return;
  }
  Label end;
  emit_.jump(end);
  emit_.bind(otherwise);
  statement(stmt.whenFalse);
  emit_.bind(end);
}

void Lowerer::whileLoop(const syntax::WhileStmt& stmt) {
  Label end;
  Label next;
  uint32_t start = emit_.here();
  condition(stmt.condition, false, end);
  targets_.push_back({&end, &next, nullptr});
  statement(stmt.body);
  targets_.pop_back();
  emit_.bind(next);
  emit_.loopTo(start);
  emit_.bind(end);
}

void Lowerer::forLoop(const syntax::ForStmt& stmt) {
  const Type* range = stmt.range->type;
  Reg iterator = emit_.temporary(true);
  {
    auto mark = emit_.mark();
    Reg subject = value(stmt.range);
    emit_.emit(Op::iterate, iterator, subject);
    emit_.release(mark);
  }
  Label end;
  Label next;
  uint32_t start = emit_.here();
  auto assignVariable = [&](const syntax::LoopVariable& variable, Op plain, Op counted,
                            uint16_t part) {
    if (variable.symbol == nullptr) return;
    const Symbol& symbol = *variable.symbol;
    Reg reg = localReg(symbol);
    bool isManaged = managed(symbol.type);
    if (captures_.contains(&symbol)) {
      Reg temp = temporary(symbol.type);
      emit_.emitRaw(isManaged ? counted : plain, temp.bits, iterator.bits, part, 0);
      storeLocal(symbol, temp);
    } else {
      emit_.emitRaw(isManaged ? counted : plain, reg.bits, iterator.bits, part, 0);
      Reg flag = flagOf(symbol);
      if (!flag.none()) emit_.emit(Op::loadI, flag, noReg, noReg, 1);
    }
  };
  if (range->isTableOrSet()) {
    emit_.jump(end, Op::nextEntry, iterator);
    const auto& table = range->asTable();
    for (uint16_t i = 0; i < stmt.keys.size(); ++i) {
      // One variable takes a key of several parts only if the language let it: a record.
      if (i < table.indices().size()) assignVariable(stmt.keys[i], Op::entryKey, Op::entryKeyM, i);
    }
    if (stmt.value != nullptr) assignVariable(*stmt.value, Op::entryValue, Op::entryValueM, 0);
  } else if (range->is(Tag::vector)) {
    emit_.jump(end, Op::nextElement, iterator);
    if (!stmt.keys.empty()) assignVariable(stmt.keys[0], Op::elementIndex, Op::elementIndex, 0);
    bool any = module_.vectorType(range)->asVector().element()->is(Tag::any);
    if (stmt.value != nullptr) {
      assignVariable(*stmt.value, Op::elementValue, any ? Op::elementValueAny : Op::elementValueM,
                     0);
    }
  } else {
    emit_.jump(end, Op::nextByte, iterator);
    if (!stmt.keys.empty()) assignVariable(stmt.keys[0], Op::byteValue, Op::byteValue, 0);
  }
  targets_.push_back({&end, &next, nullptr});
  statement(stmt.body);
  targets_.pop_back();
  emit_.bind(next);
  emit_.loopTo(start);
  emit_.bind(end);
  // Lets the container go, and its entries move again.
  emit_.emit(Op::clearM, iterator);
}

void Lowerer::switchCase(const syntax::SwitchStmt& stmt) {
  Label end;
  std::vector<Label> bodies(stmt.cases.size());
  Label* otherwise = &end;
  for (size_t i = 0; i < stmt.cases.size(); ++i) {
    if (stmt.cases[i].isDefault) otherwise = &bodies[i];
  }
  Reg subject = stable(stmt.subject);
  const Type* type = stmt.subject->type;
  enum class Shape : uint8_t { numbers, strings, chain };
  Shape shape =
      type->is(Tag::string) ? Shape::strings
      : !managed(type) && !type->is(Tag::real) && !type->is(Tag::time) && !type->is(Tag::interval)
          ? Shape::numbers
          : Shape::chain;
  for (const auto& each : stmt.cases) {
    if (!each.types.empty()) shape = Shape::chain;
    for (const Expr* label : each.values) {
      if (label->kind != ExprKind::literal) shape = Shape::chain;
    }
  }
  // Table switches name absolute places: filled in when the bodies are placed.
  size_t tableIndex = 0;
  std::vector<uint32_t> starts(stmt.cases.size());
  if (shape == Shape::numbers) {
    tableIndex = code().numberSwitches.size();
    code().numberSwitches.emplace_back();
    emit_.emit(Op::switchI, subject, noReg, noReg, static_cast<int32_t>(tableIndex));
  } else if (shape == Shape::strings) {
    tableIndex = code().stringSwitches.size();
    code().stringSwitches.emplace_back();
    emit_.emit(Op::switchS, subject, noReg, noReg, static_cast<int32_t>(tableIndex));
  } else {
    for (size_t i = 0; i < stmt.cases.size(); ++i) {
      for (const Expr* label : stmt.cases[i].values) {
        auto mark = emit_.mark();
        Reg reg = valueAs(label, type);
        Reg same = emit_.temporary(false);
        if (type->is(Tag::real) || type->is(Tag::time) || type->is(Tag::interval)) {
          emit_.emit(Op::eqD, same, subject, reg);
        } else {
          emit_.emit(Op::eqV, same, subject, reg, typeId(type));
        }
        emit_.jump(bodies[i], Op::jumpT, same);
        emit_.release(mark);
      }
      for (const auto& label : stmt.cases[i].types) {
        auto mark = emit_.mark();
        Reg same = emit_.temporary(false);
        Label not_this;
        if (type->is(Tag::any)) {
          emit_.emit(Op::isType, same, subject, noReg, typeId(label.type));
          emit_.jump(not_this, Op::jumpF, same);
          if (label.symbol != nullptr) {
            Reg reg = localReg(*label.symbol);
            if (label.type->is(Tag::any)) {
              move(subject, reg, true);
            } else {
              emit_.emit(managed(label.type) ? Op::unboxM : Op::unbox, reg, subject, noReg,
                         typeId(label.type));
            }
          }
          emit_.jump(bodies[i]);
        } else if (types::sameType(type, label.type)) {
          if (label.symbol != nullptr) {
            emit_.emit(managed(type) ? Op::moveM : Op::move, localReg(*label.symbol), subject);
          }
          emit_.jump(bodies[i]);
        }
        emit_.bind(not_this);
        emit_.release(mark);
      }
    }
    emit_.jump(*otherwise);
  }
  for (size_t i = 0; i < stmt.cases.size(); ++i) {
    starts[i] = emit_.here();
    emit_.bind(bodies[i]);
    Label* through = i + 1 < stmt.cases.size() ? &bodies[i + 1] : &end;
    targets_.push_back({&end, nullptr, through});
    if (stmt.cases[i].body != nullptr) block(*stmt.cases[i].body);
    targets_.pop_back();
    emit_.jump(end);
  }
  emit_.bind(end);
  auto place = [&](size_t i) { return static_cast<int32_t>(starts[i]); };
  auto elsewhere = static_cast<int32_t>(emit_.here());
  for (size_t i = 0; i < stmt.cases.size(); ++i) {
    if (stmt.cases[i].isDefault) elsewhere = place(i);
  }
  if (shape == Shape::numbers) {
    auto& table = code().numberSwitches[tableIndex];
    table.otherwise = elsewhere;
    for (size_t i = 0; i < stmt.cases.size(); ++i) {
      for (const Expr* label : stmt.cases[i].values) {
        const auto* literal = as<syntax::LiteralExpr>(label);
        int64_t key = 0;
        switch (literal->literal) {
          case syntax::LiteralKind::boolean:
            key = literal->boolean ? 1 : 0;
            break;
          case syntax::LiteralKind::count:
            key = static_cast<int64_t>(literal->count);
            break;
          case syntax::LiteralKind::port:
            key = static_cast<int64_t>(vm::Slot::ofPort(literal->port).bits);
            break;
          default:
            key = literal->integer;
            break;
        }
        table.targets.emplace(key, place(i));
      }
    }
  } else if (shape == Shape::strings) {
    auto& table = code().stringSwitches[tableIndex];
    table.otherwise = elsewhere;
    for (size_t i = 0; i < stmt.cases.size(); ++i) {
      for (const Expr* label : stmt.cases[i].values) {
        table.targets.emplace(std::string(as<syntax::LiteralExpr>(label)->text), place(i));
      }
    }
  }
}

void Lowerer::when(const syntax::WhenStmt& stmt) {
  const analysis::WhenInfo& info = *stmt.info;
  const Type* result = module_.types().basic(Tag::void_);
  if (stmt.isReturn && code().resultType != nullptr) result = code().resultType;
  uint32_t function = module_.whenFunction(*info.function, result);
  vm::WhenSite site;
  site.returns = stmt.isReturn;
  // Functions that nothing assigns to are no variables.
  for (const Symbol* name : info.globals)
    if (name->kind == analysis::SymbolKind::global) site.globals.push_back(name->index);
  site.alwaysLook = info.callsFunctions || site.globals.empty();
  types::OriginId origin = info.function->origin;
  site.body = module_.newCode("when", origin);
  {
    Lowerer inner(module_, site.body, info.function);
    inner.resultOverride_ = result;
    inner.whenBody(stmt);
  }
  if (stmt.timeoutBody != nullptr) {
    uint32_t timeout = module_.newCode("when timeout", origin);
    Lowerer inner(module_, timeout, info.function);
    inner.resultOverride_ = result;
    inner.whenTimeout(stmt);
    site.timeoutBody = static_cast<int32_t>(timeout);
  }
  int32_t captures = closureSite(function, info.function->captures);
  Reg closure = emit_.temporary(true);
  emit_.emit(Op::closure, closure, noReg, noReg, captures);
  Reg timeout;
  if (stmt.timeout != nullptr) {
    timeout = emit_.temporary(false);
    into(stmt.timeout, timeout);
  }
  code().whenSites.push_back(std::move(site));
  at(stmt.at);
  emit_.emit(Op::when, closure, timeout, noReg, static_cast<int32_t>(code().whenSites.size() - 1));
}

void Lowerer::returns(const syntax::ReturnStmt& stmt) {
  const Type* type = code().resultType;
  if (stmt.value == nullptr || type == nullptr || type->is(Tag::void_) || isHook()) {
    if (stmt.value != nullptr) effect(stmt.value);
    emit_.emit(Op::retVoid);
    return;
  }
  Reg reg = valueAs(stmt.value, type);
  at(stmt.at);
  if (!managed(type)) {
    emit_.emit(Op::ret, reg);
  } else if (reg.bits < Emitter::plainBase) {
    // The frame ends: whatever register owns the value gives it up.
    emit_.emit(Op::retT, reg);
  } else {
    emit_.emit(Op::retM, reg);
  }
}

// The message is evaluated only where somebody sees it.
void Lowerer::assertion(const syntax::AssertStmt& stmt) {
  const Symbol* observer = module_.program().find("assertion_result");
  const bool observed = observer != nullptr && observer->kind == analysis::SymbolKind::callable &&
                        !module_.program().callables[observer->index].bodies.empty();
  Reg holds = emit_.temporary(false);
  into(stmt.condition, holds);
  Label done;
  if (!observed) emit_.jump(done, Op::jumpT, holds);
  Reg message = emit_.temporary(true);
  if (stmt.message != nullptr) {
    into(stmt.message, message);
  } else {
    emit_.emit(Op::clearM, message);
  }
  at(stmt.at);
  emit_.emit(Op::assertion, holds, message, noReg,
             module_.stringConstant(analysis::canonicalText(stmt.condition)));
  emit_.bind(done);
}

}  // namespace bulkhead::compile
