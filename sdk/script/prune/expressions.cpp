// What expressions and statements read and write.

#include "sdk/script/prune/collector.h"

#include <algorithm>

namespace bulkhead::prune {

using syntax::ExprKind;
using syntax::StmtKind;

void Collector::visitAll(std::span<Expr* const> exprs) {
  for (const Expr* expr : exprs) visit(expr);
}

void Collector::deep(const Expr* expr, Place place) {
  if (expr->type == nullptr) return;
  unit().deepReads.push_back({expr->type, place});
  if (isTracked(expr->type))
    out_.volatileReads.push_back({current_, flowOf(expr), expr->type->name() == "fa_file"});
}

Place Collector::visit(const Expr* expr) {
  if (expr == nullptr) return noPlace;
  switch (expr->kind) {
    case ExprKind::error:
    case ExprKind::literal:
    case ExprKind::typeValue:
      return noPlace;
    case ExprKind::name:
      return name(*as<syntax::NameExpr>(expr));
    case ExprKind::unary: {
      const auto& unary = *as<syntax::UnaryExpr>(expr);
      Place place = visit(unary.operand);
      if (unary.op == syntax::UnaryOp::increment || unary.op == syntax::UnaryOp::decrement)
        store(unary.operand, place, noNode);
      readsContents(place);
      return noPlace;
    }
    case ExprKind::copy:
      // The copy stands for the original: what is read of one may come from the other.
      return visit(as<syntax::CopyExpr>(expr)->operand);
    case ExprKind::binary:
      return binary(*as<syntax::BinaryExpr>(expr));
    case ExprKind::assign:
      return assign(*as<syntax::AssignExpr>(expr));
    case ExprKind::conditional: {
      const auto& choice = *as<syntax::ConditionalExpr>(expr);
      visit(choice.condition);
      Place a = visit(choice.whenTrue), b = visit(choice.whenFalse);
      if (a == noPlace) return b;
      out_.places.join(a, b);
      return a;
    }
    case ExprKind::index: {
      const auto& index = *as<syntax::IndexExpr>(expr);
      Place base = visit(index.base);
      for (const Expr* key : index.indices) {
        Place place = visit(key);
        if (key->type != nullptr && (key->type->is(Tag::record) || hasPlace(key->type)))
          deep(key, place);
      }
      readsContents(base);
      if (!hasPlace(expr->type)) return noPlace;
      Place element = out_.places.elementOf(base);
      if (expr->type->is(Tag::any)) out_.places.join(Places::any, element);
      return element;
    }
    case ExprKind::slice: {
      const auto& slice = *as<syntax::SliceExpr>(expr);
      Place base = visit(slice.base);
      visit(slice.low);
      visit(slice.high);
      readsContents(base);
      return base;
    }
    case ExprKind::field:
    case ExprKind::hasField: {
      const auto& field = *as<syntax::FieldExpr>(expr);
      visit(field.base);
      const auto& record = field.base->type->asRecord();
      auto offset = static_cast<uint32_t>(field.fieldIndex);
      reads(out_.fieldCell(record, offset));
      if (bool isFile = false; isVolatile(&record, field.name, isFile))
        out_.volatileReads.push_back({current_, flowOf(field.base), isFile});
      // An endpoint that was kept is as old as the connection that it is of.
      if (record.name() == "endpoint" && !isTracked(field.base->type) &&
          !(field.base->kind == ExprKind::field &&
            isTracked(as<syntax::FieldExpr>(field.base)->base->type)))
        out_.volatileReads.push_back({current_, keptNode, false});
      return expr->kind == ExprKind::field && hasPlace(expr->type) ? out_.fieldPlace(record, offset)
                                                                   : noPlace;
    }
    case ExprKind::call:
      return call(*as<syntax::CallExpr>(expr));
    case ExprKind::list: {
      Place all = noPlace;
      for (const Expr* each : as<syntax::ListExpr>(expr)->elements) {
        Place place = visit(each);
        if (each->type != nullptr && each->type->is(Tag::record)) deep(each, place);
        if (all == noPlace) all = place;
        out_.places.join(all, place);
      }
      return all;
    }
    case ExprKind::fieldAssign:
      return visit(as<syntax::FieldAssignExpr>(expr)->value);
    case ExprKind::recordConstructor:
    case ExprKind::tableConstructor:
    case ExprKind::setConstructor:
    case ExprKind::vectorConstructor:
      return construct(*as<syntax::ConstructorExpr>(expr));
    case ExprKind::lambda: {
      const auto& lambda = *as<syntax::LambdaExpr>(expr);
      UnitId made = innerUnit(*lambda.function);
      for (const analysis::Capture& capture : lambda.function->captures) {
        reads(variable(*capture.outer));
        out_.places.join(placeOf(*capture.inner), placeOf(*capture.outer));
      }
      unit().inner.push_back(made);
      return noPlace;
    }
    case ExprKind::schedule: {
      const auto& schedule = *as<syntax::ScheduleExpr>(expr);
      visit(schedule.delay);
      raise(*schedule.event, true);
      unit().timers = true;
      return noPlace;
    }
    case ExprKind::cast:
    case ExprKind::is:
    case ExprKind::canConvert: {
      const auto& cast = *as<syntax::CastExpr>(expr);
      Place place = visit(cast.operand);
      if (expr->kind != ExprKind::cast || !hasPlace(expr->type)) return noPlace;
      return expr->type->is(Tag::any) || cast.operand->type->is(Tag::any) ? Places::any : place;
    }
    case ExprKind::add:
    case ExprKind::remove:
      element(as<syntax::ElementExpr>(expr)->operand);
      return noPlace;
    case ExprKind::whenLocal: {
      const auto& local = *as<syntax::WhenLocalExpr>(expr);
      Place value = visit(local.value);
      if (local.symbol != nullptr && hasPlace(local.symbol->type))
        out_.places.join(placeOf(*local.symbol), value);
      return noPlace;
    }
    case ExprKind::coerce:
      return coerce(*as<syntax::CoerceExpr>(expr));
  }
  return noPlace;
}

Place Collector::name(const syntax::NameExpr& name) {
  if (name.symbol == nullptr) return noPlace;
  const Symbol& symbol = *name.symbol;
  switch (symbol.kind) {
    case SymbolKind::global:
      reads(variable(symbol));
      if (!unit().logging && symbol.origin == types::originBase &&
          (symbol.name == "Log::active_streams" || symbol.name == "Log::all_streams" ||
           symbol.name == "Log::filters" || symbol.name == "Log::stream_filters"))
        unit().readsStreams = true;
      return placeOf(symbol);
    case SymbolKind::local:
      // What a closure took along lives as long as the closure.
      if (captured_.contains(&symbol)) reads(variable(symbol));
      return placeOf(symbol);
    case SymbolKind::callable:
      take(symbol);
      return noPlace;
    default:
      return noPlace;
  }
}

void Collector::store(const Expr* target, Place value, uint32_t node) {
  switch (target->kind) {
    case ExprKind::name: {
      const Symbol* symbol = as<syntax::NameExpr>(target)->symbol;
      if (symbol == nullptr) return;
      assigned_.insert(symbol);
      if (symbol->kind == SymbolKind::global || captured_.contains(symbol))
        writes(variable(*symbol));
      if (hasPlace(symbol->type)) out_.places.join(placeOf(*symbol), value);
      if (symbol->kind == SymbolKind::local && isTracked(symbol->type)) flow(node, nodeOf(*symbol));
      return;
    }
    case ExprKind::field: {
      const auto& field = *as<syntax::FieldExpr>(target);
      visit(field.base);
      const auto& record = field.base->type->asRecord();
      auto offset = static_cast<uint32_t>(field.fieldIndex);
      writes(out_.fieldCell(record, offset));
      if (hasPlace(record.field(offset).type))
        out_.places.join(out_.fieldPlace(record, offset), value);
      return;
    }
    case ExprKind::index: {
      const auto& index = *as<syntax::IndexExpr>(target);
      visit(target);  // keys and the way to the container
      Place base = visit(index.base);
      writesContents(base);
      if (hasPlace(target->type)) out_.places.join(out_.places.elementOf(base), value);
      return;
    }
    case ExprKind::slice: {
      Place base = visit(as<syntax::SliceExpr>(target)->base);
      visit(target);
      writesContents(base);
      out_.places.join(base, value);
      return;
    }
    case ExprKind::list:
      for (const Expr* each : as<syntax::ListExpr>(target)->elements) {
        store(each, value == noPlace ? noPlace : Places::any, keptNode);
        out_.places.join(Places::any, value);
      }
      return;
    case ExprKind::coerce:
      return store(as<syntax::CoerceExpr>(target)->operand, value, node);
    default:
      visit(target);
  }
}

Place Collector::assign(const syntax::AssignExpr& assign) {
  Place value = visit(assign.value);
  if (assign.op == syntax::AssignOp::set) {
    store(assign.target, value, flowOf(assign.value));
    return value;
  }
  Place target = visit(assign.target);
  readsContents(value);
  if (target != noPlace) {
    readsContents(target);
    writesContents(target);
    // One more element, or those of a container of the same type.
    if (hasPlace(assign.value->type)) {
      out_.places.join(out_.places.elementOf(target), out_.places.elementOf(value));
      if (assign.target->type->is(Tag::vector) && !assign.value->type->is(Tag::vector))
        out_.places.join(out_.places.elementOf(target), value);
      if (assign.value->type->is(Tag::vector) && assign.target->type->is(Tag::vector) &&
          hasPlace(assign.target->type->asVector().element()))
        out_.places.join(out_.places.elementOf(target), value);
    }
  }
  store(assign.target, target, keptNode);
  return target;
}

Place Collector::binary(const syntax::BinaryExpr& binary) {
  Place left = visit(binary.left), right = visit(binary.right);
  readsContents(left);
  readsContents(right);
  for (const Expr* side : {binary.left, binary.right})
    if (side->type != nullptr &&
        (side->type->is(Tag::record) || side->type->is(Tag::any) ||
         binary.op == syntax::BinaryOp::equal || binary.op == syntax::BinaryOp::notEqual))
      deep(side, side == binary.left ? left : right);
  if (!hasPlace(binary.type)) return noPlace;
  // A new container with elements of both.
  Place made = out_.places.fresh();
  out_.places.join(out_.places.elementOf(made), out_.places.elementOf(left));
  out_.places.join(out_.places.elementOf(made), out_.places.elementOf(right));
  return made;
}

void Collector::make(const types::RecordType& record, int depth) {
  if (depth > maxNesting) return;
  auto found = fieldValues_.find(&record);
  if (found != fieldValues_.end())
    unit().fieldValues.insert(unit().fieldValues.end(), found->second.begin(), found->second.end());
  for (const types::Field& field : record.fields())
    if (field.type->is(Tag::record) && !field.optional && field.defaultExpr == types::noIndex)
      make(field.type->asRecord(), depth + 1);
}

Place Collector::construct(const syntax::ConstructorExpr& constructor) {
  if (constructor.kind == ExprKind::recordConstructor) {
    const auto& record = constructor.type->asRecord();
    make(record);
    for (const Expr* element : constructor.elements) {
      Place value = visit(element);
      const auto* assign = as<syntax::FieldAssignExpr>(element);
      if (assign == nullptr || assign->fieldIndex < 0) continue;
      auto offset = static_cast<uint32_t>(assign->fieldIndex);
      // A new record is seen by nobody until it is put somewhere: that is what counts as a write.
      if (hasPlace(record.field(offset).type))
        out_.places.join(out_.fieldPlace(record, offset), value);
    }
    return noPlace;
  }
  Place made = out_.places.fresh();
  for (const Expr* element : constructor.elements) {
    Place value;
    if (const auto* pair = as<syntax::AssignExpr>(element)) {
      visit(pair->target);
      value = visit(pair->value);
    } else {
      value = visit(element);
    }
    if (constructor.kind != ExprKind::setConstructor && value != noPlace)
      out_.places.join(out_.places.elementOf(made), value);
  }
  writtenAttributes(constructor.attributes, made, constructor.type);
  return made;
}

void Collector::coerceRecord(const types::RecordType& from, const types::RecordType& to,
                             int depth) {
  if (depth > maxNesting) return;
  make(to);
  for (uint32_t i = 0; i < to.fields().size(); ++i) {
    auto source = from.offsetOf(to.field(i).name);
    if (!source) continue;
    reads(out_.fieldCell(from, *source));
    const Type* a = from.field(*source).type;
    const Type* b = to.field(i).type;
    if (hasPlace(a) && hasPlace(b))
      out_.places.join(out_.fieldPlace(from, *source), out_.fieldPlace(to, i));
    if (a != b && a->is(Tag::record) && b->is(Tag::record))
      coerceRecord(a->asRecord(), b->asRecord(), depth + 1);
  }
}

Place Collector::coerce(const syntax::CoerceExpr& coerce) {
  Place place = visit(coerce.operand);
  switch (coerce.coercion) {
    case syntax::CoerceKind::toAny:
      out_.boxed.emplace_back(coerce.operand->type, place);
      if (place != noPlace) out_.places.join(Places::any, place);
      return Places::any;
    case syntax::CoerceKind::fromAny:
      if (!hasPlace(coerce.type)) return noPlace;
      return place == noPlace ? Places::any : place;
    case syntax::CoerceKind::record:
      if (coerce.operand->type->is(Tag::record))
        coerceRecord(coerce.operand->type->asRecord(), coerce.type->asRecord(), 0);
      return noPlace;
    default:
      return place == noPlace && hasPlace(coerce.type) ? out_.places.fresh() : place;
  }
}

void Collector::element(const Expr* operand) {
  switch (operand->kind) {
    case ExprKind::index: {
      visit(operand);
      writesContents(visit(as<syntax::IndexExpr>(operand)->base));
      return;
    }
    case ExprKind::field:
      store(operand, noPlace, noNode);
      if (hasPlace(operand->type)) writesContents(visit(operand));
      return;
    default: {
      Place place = visit(operand);
      writesContents(place);
      store(operand, noPlace, noNode);
    }
  }
}

// ---- Where connections and files go

void Collector::flow(uint32_t from, uint32_t to) {
  if (from != noNode && to != noNode) out_.flows.emplace_back(from, to);
}

uint32_t Collector::nodeOf(const Symbol& symbol) {
  auto [it, fresh] = symbolNodes_.try_emplace(&symbol, noNode);
  if (fresh) it->second = newNode();
  return it->second;
}

uint32_t Collector::flowOf(const Expr* expr) {
  if (expr == nullptr || !isTracked(expr->type)) return noNode;
  switch (expr->kind) {
    case ExprKind::name: {
      const Symbol* symbol = as<syntax::NameExpr>(expr)->symbol;
      return symbol != nullptr && symbol->kind == SymbolKind::local && !captured_.contains(symbol)
                 ? nodeOf(*symbol)
                 : keptNode;
    }
    case ExprKind::conditional: {
      const auto& choice = *as<syntax::ConditionalExpr>(expr);
      uint32_t node = newNode();
      flow(flowOf(choice.whenTrue), node);
      flow(flowOf(choice.whenFalse), node);
      return node;
    }
    case ExprKind::assign:
      return flowOf(as<syntax::AssignExpr>(expr)->value);
    case ExprKind::field: {
      // Of a record that the host made for the event at hand: as new as that record.
      const Expr* base = as<syntax::FieldExpr>(expr)->base;
      const bool carried = isTracked(base->type) && base->type->name().starts_with("Analyzer");
      return carried ? flowOf(base) : keptNode;
    }
    case ExprKind::call: {
      const auto* callee = as<syntax::NameExpr>(as<syntax::CallExpr>(expr)->callee);
      if (callee == nullptr || callee->symbol == nullptr ||
          callee->symbol->kind != SymbolKind::callable)
        return keptNode;
      const analysis::Callable& callable = program_.callables[callee->symbol->index];
      if (callable.bodies.size() != 1) return keptNode;
      return returnNode(*callable.bodies.front());
    }
    default:
      return keptNode;
  }
}

// ---- Statements

void Collector::statement(const Stmt* stmt) {
  if (stmt == nullptr) return;
  switch (stmt->kind) {
    case StmtKind::null:
    case StmtKind::next:
    case StmtKind::fallthrough:
      return;
    case StmtKind::breakStmt:
      // Of a loop or a switch too: which one it leaves is not asked.
      unit().breaks = true;
      return;
    case StmtKind::block:
      for (const Stmt* each : static_cast<const syntax::Block*>(stmt)->statements) statement(each);
      return;
    case StmtKind::expression:
      visit(static_cast<const syntax::ExprStmt*>(stmt)->expr);
      return;
    case StmtKind::local: {
      const auto& local = *static_cast<const syntax::LocalStmt*>(stmt);
      if (local.symbol == nullptr) return;
      if (local.value == nullptr && local.symbol->type->is(Tag::record))
        make(local.symbol->type->asRecord());
      Place value = visit(local.value);
      if (hasPlace(local.symbol->type)) {
        out_.places.join(placeOf(*local.symbol), value);
        writtenAttributes(local.attributes, placeOf(*local.symbol), local.symbol->type);
      }
      if (isTracked(local.symbol->type)) flow(flowOf(local.value), nodeOf(*local.symbol));
      return;
    }
    case StmtKind::print:
      for (const Expr* argument : static_cast<const syntax::PrintStmt*>(stmt)->arguments) {
        const auto* boxed = as<syntax::CoerceExpr>(argument);
        const Expr* plain = boxed != nullptr && boxed->coercion == syntax::CoerceKind::toAny
                                ? boxed->operand
                                : argument;
        deep(plain, visit(plain));
      }
      writes({Cell::Kind::state, 0, static_cast<uint32_t>(State::outside)});
      return;
    case StmtKind::ifElse: {
      const auto& branch = *static_cast<const syntax::IfStmt*>(stmt);
      visit(branch.condition);
      statement(branch.whenTrue);
      statement(branch.whenFalse);
      return;
    }
    case StmtKind::whileLoop: {
      const auto& loop = *static_cast<const syntax::WhileStmt*>(stmt);
      visit(loop.condition);
      statement(loop.body);
      return;
    }
    case StmtKind::forLoop: {
      const auto& loop = *static_cast<const syntax::ForStmt*>(stmt);
      Place range = visit(loop.range);
      readsContents(range);
      auto bind = [&](const syntax::LoopVariable& variable) {
        if (variable.symbol == nullptr) return;
        if (hasPlace(variable.symbol->type))
          out_.places.join(placeOf(*variable.symbol), out_.places.elementOf(range));
        if (isTracked(variable.symbol->type)) flow(keptNode, nodeOf(*variable.symbol));
      };
      for (const auto& key : loop.keys) bind(key);
      if (loop.value != nullptr) bind(*loop.value);
      statement(loop.body);
      return;
    }
    case StmtKind::switchCase: {
      const auto& choice = *static_cast<const syntax::SwitchStmt*>(stmt);
      Place subject = visit(choice.subject);
      for (const auto& each : choice.cases) {
        visitAll(each.values);
        for (const auto& label : each.types) {
          if (label.symbol == nullptr) continue;
          if (hasPlace(label.symbol->type)) out_.places.join(placeOf(*label.symbol), subject);
          if (isTracked(label.symbol->type)) flow(keptNode, nodeOf(*label.symbol));
        }
        statement(each.body);
      }
      return;
    }
    case StmtKind::when: {
      const auto& when = *static_cast<const syntax::WhenStmt*>(stmt);
      visit(when.timeout);
      unit().timers = true;
      const Function& inside = *when.info->function;
      for (const analysis::Capture& capture : inside.captures) {
        reads(variable(*capture.outer));
        out_.places.join(placeOf(*capture.inner), placeOf(*capture.outer));
      }
      const Function* around = function_;
      UnitId made = innerUnit(inside);
      unit().inner.push_back(made);
      inUnit(made, when.isReturn ? around : &inside, [&] {
        visit(when.condition);
        statement(when.body);
        statement(when.timeoutBody);
      });
      return;
    }
    case StmtKind::returnStmt: {
      const Expr* value = static_cast<const syntax::ReturnStmt*>(stmt)->value;
      Place place = visit(value);
      if (value == nullptr || function_ == nullptr) return;
      if (hasPlace(value->type)) out_.places.join(returnPlace(*function_), place);
      if (isTracked(value->type)) flow(flowOf(value), returnNode(*function_));
      return;
    }
    case StmtKind::event:
      raise(*static_cast<const syntax::EventStmt*>(stmt)->event, false);
      return;
    case StmtKind::assertStmt: {
      const auto& assertion = *static_cast<const syntax::AssertStmt*>(stmt);
      visit(assertion.condition);
      visit(assertion.message);
      for (const char* name : {"assertion_result", "assertion_failure"})
        if (const Symbol* hook = program_.find(name);
            hook != nullptr && hook->kind == SymbolKind::callable)
          unit().hooks.push_back(hook->index);
      return;
    }
  }
}

}  // namespace bulkhead::prune
