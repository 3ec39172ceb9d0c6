#include "sdk/script/analysis/tree-walk.h"
#include "sdk/script/compile/lower.h"

namespace bulkhead::compile {

using syntax::as;
using syntax::AssignOp;
using syntax::ExprKind;

void Lowerer::storeLocal(const Symbol& symbol, Reg from) {
  bool isManaged = managed(symbol.type);
  move(from, localReg(symbol), isManaged);
  Reg flag = flagOf(symbol);
  if (!flag.none()) emit_.emit(Op::loadI, flag, noReg, noReg, 1);
  if (auto it = captures_.find(&symbol); it != captures_.end()) {
    emit_.emit(isManaged ? Op::storeCaptureM : Op::storeCapture, localReg(symbol), noReg, noReg,
               it->second.value);
    if (!flag.none()) emit_.emit(Op::storeCapture, flag, noReg, noReg, it->second.flag);
  }
}

void Lowerer::storeGlobal(const Symbol& symbol, Reg from) {
  Op op = Op::setG;
  if (managed(symbol.type)) {
    bool take = from.bits >= Emitter::managedBase && from.bits < Emitter::plainBase &&
                emit_.isTemporary(from);
    op = take ? Op::setGT : Op::setGM;
  }
  emit_.emit(op, from, noReg, noReg, static_cast<int32_t>(symbol.index));
}

// symbol = value, with the attributes that the variable gives to its containers.
void Lowerer::assignTo(const Symbol& symbol, const Expr* value) {
  auto mark = emit_.mark();
  bool isLocal = symbol.kind == analysis::SymbolKind::local;
  uint16_t attributes = module_.attributes(symbol.attributes, symbol.type);
  bool isManaged = managed(symbol.type);
  // A plain local that is only written takes the value directly.
  if (isLocal && !captures_.contains(&symbol)) {
    Reg reg = localReg(symbol);
    if (isManaged && attributes != 0 && symbol.type->isTableOrSet()) {
      Reg made = emit_.temporary(true);
      if (!constructWithAttributes(value, symbol.type, made, attributes)) {
        intoAs(value, symbol.type, made);
      }
      emit_.emit(Op::takeM, reg, made);
    } else {
      intoAs(value, symbol.type, reg);
    }
    if (Reg flag = flagOf(symbol); !flag.none()) emit_.emit(Op::loadI, flag, noReg, noReg, 1);
    emit_.release(mark);
    return;
  }
  Reg reg;
  if (attributes != 0 && symbol.type->isTableOrSet()) {
    reg = emit_.temporary(true);
    if (!constructWithAttributes(value, symbol.type, reg, attributes)) {
      intoAs(value, symbol.type, reg);
    }
  } else {
    reg = valueAs(value, symbol.type);
  }
  if (isLocal) {
    storeLocal(symbol, reg);
  } else {
    storeGlobal(symbol, reg);
  }
  emit_.release(mark);
}

void Lowerer::assign(const syntax::AssignExpr& assign, Reg result) {
  if (assign.op != AssignOp::set) {
    addTo(assign.target, assign.value, assign.op, result);
    return;
  }
  auto mark = emit_.mark();
  if (const auto* list = as<syntax::ListExpr>(assign.target)) {
    const auto* values = as<syntax::ListExpr>(assign.value);
    if (values == nullptr || values->elements.size() != list->elements.size()) {
      module_.error(assign.at, "a list can only be assigned from a list of the same length");
      return;
    }
    std::vector<Reg> regs;
    for (size_t i = 0; i < values->elements.size(); ++i) {
      regs.push_back(stableAs(values->elements[i], list->elements[i]->type));
    }
    for (size_t i = 0; i < regs.size(); ++i) store(list->elements[i], regs[i]);
    emit_.release(mark);
    return;
  }
  const auto* name = as<syntax::NameExpr>(assign.target);
  if (name != nullptr && result.none()) {
    assignTo(*name->symbol, assign.value);
    emit_.release(mark);
    return;
  }
  const Type* type = assign.target->type;
  Reg reg;
  const auto* slice = as<syntax::SliceExpr>(assign.target);
  const auto* index = as<syntax::IndexExpr>(assign.target);
  bool simpleTarget = name != nullptr ||
                      (index != nullptr && quiet(index->base) && index->indices.size() == 1 &&
                       quiet(index->indices[0])) ||
                      (as<syntax::FieldExpr>(assign.target) != nullptr &&
                       quiet(as<syntax::FieldExpr>(assign.target)->base));
  if (slice != nullptr) type = slice->base->type;
  // An element of `vector()` whose type nothing ever said is any value.
  if (index != nullptr && index->base->type->is(Tag::vector) &&
      index->base->type->asVector().unspecified()) {
    type = module_.types().basic(Tag::any);
  }
  // The attributes of a field go to the container that it is given.
  const auto* field = as<syntax::FieldExpr>(assign.target);
  uint16_t attributes = 0;
  if (field != nullptr && type->isTableOrSet()) {
    attributes = module_.fieldAttributes(
        field->base->type->asRecord().field(static_cast<uint32_t>(field->fieldIndex)));
  }
  if (attributes != 0) {
    reg = emit_.temporary(true);
    if (!constructWithAttributes(assign.value, type, reg, attributes)) {
      intoAs(assign.value, type, reg);
    }
  } else {
    reg = simpleTarget ? valueAs(assign.value, type) : stableAs(assign.value, type);
  }
  // Storing may take the value out of its register: the result is a copy.
  if (!result.none()) emit_.emit(managed(type) ? Op::moveM : Op::move, result, reg);
  store(assign.target, reg);
  emit_.release(mark);
}

void Lowerer::store(const Expr* target, Reg from) {
  auto mark = emit_.mark();
  switch (target->kind) {
    case ExprKind::name: {
      const Symbol& symbol = *as<syntax::NameExpr>(target)->symbol;
      if (symbol.kind == analysis::SymbolKind::local) {
        storeLocal(symbol, from);
      } else {
        storeGlobal(symbol, from);
      }
      break;
    }
    case ExprKind::index:
      storeElement(*as<syntax::IndexExpr>(target), from);
      break;
    case ExprKind::field:
      storeField(*as<syntax::FieldExpr>(target), from);
      break;
    case ExprKind::slice:
      storeSlice(*as<syntax::SliceExpr>(target), from);
      break;
    case ExprKind::coerce:
      store(as<syntax::CoerceExpr>(target)->operand, from);
      break;
    default:
      module_.error(target->at, "this cannot be assigned to");
  }
  emit_.release(mark);
}

void Lowerer::storeElement(const syntax::IndexExpr& index, Reg from) {
  const Type* baseType = index.base->type;
  if (baseType->isTableOrSet()) {
    const auto& table = baseType->asTable();
    std::span<Expr* const> keys = index.indices;
    if (keys.size() == 1) {
      if (const auto* list = as<syntax::ListExpr>(keys[0])) keys = list->elements;
    }
    if (keys.size() == 1 && table.indices().size() == 1) {
      Reg base = quiet(keys[0]) ? value(index.base) : stable(index.base);
      Reg key = valueAs(keys[0], table.indices()[0]);
      at(index.at);
      emit_.emit(Op::put1, base, key, from);
    } else {
      Reg base = stable(index.base);
      int32_t site = keySite(keys, table);
      at(index.at);
      emit_.emit(Op::putN, base, from, noReg, site);
    }
    return;
  }
  Reg base;
  Reg key;
  operands(index.base, index.indices[0], base, key);
  at(index.at);
  bool any = module_.vectorType(baseType)->asVector().element()->is(Tag::any);
  emit_.emit(any ? Op::vecPutAny : Op::vecPut, base, key, from);
}

void Lowerer::storeField(const syntax::FieldExpr& field, Reg from) {
  Reg base = value(field.base);
  at(field.at);
  setField(base, field.base->type->asRecord(), static_cast<uint32_t>(field.fieldIndex), from);
}

void Lowerer::storeSlice(const syntax::SliceExpr& slice, Reg from) {
  Reg base = stable(slice.base);
  Reg pair = emit_.temporaryPair();
  sliceBounds(slice, base, pair);
  at(slice.at);
  emit_.emit(Op::vecPutSlice, base, pair, from);
}

// Containers change in place: nothing is stored back.
bool Lowerer::containerAddTo(const Expr* target, const Expr* value, AssignOp op, Reg result) {
  const Type* type = target->type;
  if (!type->is(Tag::vector) && !type->isTableOrSet()) return false;
  if (type->is(Tag::vector) && value->type->is(Tag::vector) &&
      as<syntax::CoerceExpr>(value) != nullptr &&
      as<syntax::CoerceExpr>(value)->coercion == syntax::CoerceKind::toVector) {
    return false;
  }
  auto mark = emit_.mark();
  // A vector put into a vector of any adds its elements, not itself.
  if (const auto* coerce = as<syntax::CoerceExpr>(value);
      coerce != nullptr && type->is(Tag::vector) && coerce->coercion == syntax::CoerceKind::toAny &&
      coerce->operand->type->is(Tag::vector)) {
    value = coerce->operand;
  }
  bool appends =
      type->is(Tag::vector) &&
      !(value->type->is(Tag::vector) && types::sameType(value->type, type) &&
        !(type->asVector().element() != nullptr && type->asVector().element()->is(Tag::vector) &&
          types::sameType(value->type, type->asVector().element())));
  Reg base = quiet(value) ? this->value(target) : stable(target);
  Reg from =
      appends ? stableAs(value, module_.vectorType(type)->asVector().element()) : stable(value);
  at(target->at);
  if (appends) {
    bool any = module_.vectorType(type)->asVector().element()->is(Tag::any);
    emit_.emit(any ? Op::vecAppendAny : Op::vecAppend, base, from);
  } else {
    emit_.emit(Op::containerAdd, base, from, noReg, op == AssignOp::subtract ? 1 : 0);
  }
  if (!result.none()) move(base, result, true);
  emit_.release(mark);
  return true;
}

// Whether evaluating `value` assigns to the local variable, as ++ does. Calls cannot.
bool Lowerer::changes(const Expr* value, const Symbol& symbol) {
  if (quiet(value)) return false;
  bool found = false;
  auto isTarget = [&](const Expr* target) {
    const auto* name = as<syntax::NameExpr>(target);
    return name != nullptr && name->symbol == &symbol;
  };
  analysis::forEachBelow(value, [&](const Expr* expr) {
    if (const auto* unary = as<syntax::UnaryExpr>(expr))
      found =
          found ||
          ((unary->op == syntax::UnaryOp::increment || unary->op == syntax::UnaryOp::decrement) &&
           isTarget(unary->operand));
    if (const auto* assign = as<syntax::AssignExpr>(expr))
      found = found || isTarget(assign->target);
  });
  return found;
}

void Lowerer::combine(const Type* type, Reg left, const Expr* value, AssignOp op, Reg result) {
  Reg right = this->value(value);
  at(value->at);
  arithmetic(op == AssignOp::add ? syntax::BinaryOp::add : syntax::BinaryOp::subtract, type,
             value->type, type, left, right, result, value->at);
}

// `t[k] += n` and `++t[k]` of counts and ints: one look at the table. Without `value`, by `step`.
bool Lowerer::raiseElement(const Expr* target, const Expr* value, int32_t step) {
  const auto* index = as<syntax::IndexExpr>(target);
  if (index == nullptr || !index->base->type->isTableOrSet() || index->indices.size() != 1)
    return false;
  const Type* type = target->type;
  if (!type->is(Tag::count) && !type->is(Tag::integer)) return false;
  const auto& table = index->base->type->asTable();
  const Expr* key = index->indices[0];
  if (const auto* list = as<syntax::ListExpr>(key); list != nullptr && list->elements.size() == 1)
    key = list->elements[0];
  // A key of another type looks up in a way of its own.
  if (table.indices().size() != 1 || !types::sameLayout(key->type, table.indices()[0]))
    return false;
  // What has an effect, or may fail in a way of its own, has its place in the order.
  if (!quiet(index->base) || !quiet(key) ||
      (value != nullptr && (!quiet(value) || !types::sameLayout(value->type, type)))) {
    return false;
  }
  auto mark = emit_.mark();
  Reg base = this->value(index->base);
  Reg keyReg = this->value(key);
  Reg by;
  if (value != nullptr) {
    by = this->value(value);
  } else {
    by = emit_.temporary(false);
    emit_.emit(Op::loadI, by, noReg, noReg, step);
  }
  at(index->at);
  emit_.emit(Op::raise1, base, keyReg, by);
  emit_.release(mark);
  return true;
}

void Lowerer::addTo(const Expr* target, const Expr* value, AssignOp op, Reg result) {
  if (containerAddTo(target, value, op, result)) return;
  if (op == AssignOp::add && result.none() && raiseElement(target, value, 0)) return;
  auto mark = emit_.mark();
  const Type* type = target->type;
  const auto* name = as<syntax::NameExpr>(target);
  if (name != nullptr && name->symbol->kind == analysis::SymbolKind::local &&
      !captures_.contains(name->symbol) && !changes(value, *name->symbol)) {
    checkSet(*name->symbol);
    Reg reg = localReg(*name->symbol);
    combine(type, reg, value, op, reg);
    if (!result.none()) move(reg, result, managed(type));
    emit_.release(mark);
    return;
  }
  Reg left = stable(target);
  Reg sum = temporary(type);
  combine(type, left, value, op, sum);
  if (!result.none()) emit_.emit(managed(type) ? Op::moveM : Op::move, result, sum);
  store(target, sum);
  emit_.release(mark);
}

void Lowerer::deleteElement(const Expr* operand) {
  if (const auto* list = as<syntax::ListExpr>(operand);
      list != nullptr && list->elements.size() == 1) {
    operand = list->elements[0];
  }
  if (const auto* field = as<syntax::FieldExpr>(operand)) {
    Reg base = value(field->base);
    at(field->at);
    emit_.emitRaw(Op::deleteF, base.bits, 0, static_cast<uint16_t>(field->fieldIndex), 0);
    return;
  }
  if (const auto* index = as<syntax::IndexExpr>(operand)) {
    const auto& table = index->base->type->asTable();
    std::span<Expr* const> keys = index->indices;
    if (keys.size() == 1) {
      if (const auto* list = as<syntax::ListExpr>(keys[0])) keys = list->elements;
    }
    if (keys.size() == 1 && table.indices().size() == 1) {
      Reg base = quiet(keys[0]) ? value(index->base) : stable(index->base);
      Reg key = valueAs(keys[0], table.indices()[0]);
      at(operand->at);
      emit_.emit(Op::delete1, base, key);
    } else {
      Reg base = stable(index->base);
      int32_t site = keySite(keys, table);
      at(operand->at);
      emit_.emit(Op::deleteN, base, noReg, noReg, site);
    }
    return;
  }
  if (operand->type->isTableOrSet() || operand->type->is(Tag::vector)) {
    Reg base = stable(operand);
    emit_.emit(Op::clearTable, base);
    return;
  }
  module_.error(operand->at, "this cannot be deleted");
}

void Lowerer::addElement(const Expr* operand) {
  const auto* index = as<syntax::IndexExpr>(operand);
  if (index == nullptr || !index->base->type->isTableOrSet()) {
    module_.error(operand->at, "this cannot be added");
    return;
  }
  const auto& table = index->base->type->asTable();
  std::span<Expr* const> keys = index->indices;
  if (keys.size() == 1) {
    if (const auto* list = as<syntax::ListExpr>(keys[0])) keys = list->elements;
  }
  if (keys.size() == 1 && table.indices().size() == 1) {
    Reg base = quiet(keys[0]) ? value(index->base) : stable(index->base);
    Reg key = valueAs(keys[0], table.indices()[0]);
    at(operand->at);
    emit_.emit(Op::add1, base, key);
  } else {
    Reg base = stable(index->base);
    int32_t site = keySite(keys, table);
    at(operand->at);
    emit_.emit(Op::addN, base, noReg, noReg, site);
  }
}

}  // namespace bulkhead::compile
