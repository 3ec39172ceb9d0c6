#include "sdk/script/compile/lower.h"

namespace bulkhead::compile {

using syntax::as;
using syntax::ExprKind;

namespace {

// Defaults that make records whose defaults make records: past this depth the Vm computes them.
constexpr int maxInlineDepth = 3;

// Whether one part of a key is a set and means each of its elements.
bool standsForElements(const Expr* part, const Type* wanted) {
  return part->type->is(Tag::set) && !wanted->is(Tag::set) && !wanted->is(Tag::any);
}

bool standsForElements(std::span<Expr* const> parts, const types::TableType& table) {
  for (size_t i = 0; i < parts.size() && i < table.indices().size(); ++i)
    if (standsForElements(parts[i], table.indices()[i])) return true;
  return false;
}

}  // namespace

bool Lowerer::constructWithAttributes(const Expr* expr, const Type* type, Reg target,
                                      uint16_t attributes) {
  const Expr* inner = expr;
  while (const auto* coerce = as<syntax::CoerceExpr>(inner)) {
    if (coerce->coercion != syntax::CoerceKind::table &&
        coerce->coercion != syntax::CoerceKind::vector &&
        coerce->coercion != syntax::CoerceKind::record) {
      return false;
    }
    inner = coerce->operand;
  }
  const auto* constructor = as<syntax::ConstructorExpr>(inner);
  if (constructor == nullptr) return false;
  bool fits = (constructor->kind == ExprKind::recordConstructor && type->is(Tag::record)) ||
              (constructor->kind == ExprKind::vectorConstructor && type->is(Tag::vector)) ||
              ((constructor->kind == ExprKind::tableConstructor ||
                constructor->kind == ExprKind::setConstructor) &&
               type->isTableOrSet());
  if (!fits) return false;
  auto mark = emit_.mark();
  at(expr->at);
  constructInto(*constructor, type, target, attributes);
  emit_.release(mark);
  return true;
}

void Lowerer::constructInto(const syntax::ConstructorExpr& constructor, const Type* type,
                            Reg target, uint16_t attributes) {
  // Built in a temporary: an element may read what the target holds now.
  switch (type->tag()) {
    case Tag::record:
      recordInto(constructor, type->asRecord(), target);
      return;
    case Tag::vector: {
      Reg vector = emit_.temporary(true);
      type = module_.vectorType(type);
      emit_.emit(Op::newVector, vector, noReg, noReg, typeId(type));
      const Type* element = type->asVector().element();
      for (const Expr* expr : constructor.elements) {
        auto mark = emit_.mark();
        Reg reg = valueAs(expr, element);
        at(expr->at);
        emit_.emit(Op::vecAppend, vector, reg);
        emit_.release(mark);
      }
      move(vector, target, true);
      return;
    }
    case Tag::table:
    case Tag::set: {
      const auto& table = type->asTable();
      uint16_t own = module_.attributes(constructor.attributes, type);
      Reg reg = emit_.temporary(true);
      emit_.emitRaw(Op::newTable, reg.bits, own != 0 ? own : attributes, 0, typeId(type));
      giveHooks(reg, own != 0 ? own : attributes);
      for (const Expr* expr : constructor.elements) {
        auto mark = emit_.mark();
        const auto* pair = as<syntax::AssignExpr>(expr);
        const Expr* keys = pair != nullptr ? pair->target : expr;
        const auto* list = as<syntax::ListExpr>(keys);
        std::vector<Expr*> single{const_cast<Expr*>(keys)};
        std::span<Expr* const> parts = list != nullptr ? std::span<Expr* const>(list->elements)
                                                       : std::span<Expr* const>(single);
        if (parts.size() == 1 && table.indices().size() == 1) {
          Reg key = stableAs(parts[0], table.indices()[0]);
          if (pair != nullptr) {
            Reg reg2 = valueAs(pair->value, table.value());
            at(expr->at);
            emit_.emit(Op::put1, reg, key, reg2);
          } else {
            at(expr->at);
            emit_.emit(Op::add1, reg, key);
          }
        } else if (standsForElements(parts, table)) {
          std::vector<vm::Argument> given;
          putEach(reg, parts, table, pair != nullptr ? pair->value : nullptr, given);
        } else {
          int32_t site = keySite(parts, table);
          if (pair != nullptr) {
            Reg reg2 = valueAs(pair->value, table.value());
            at(expr->at);
            emit_.emit(Op::putN, reg, reg2, noReg, site);
          } else {
            at(expr->at);
            emit_.emit(Op::addN, reg, noReg, noReg, site);
          }
        }
        emit_.release(mark);
      }
      move(reg, target, true);
      return;
    }
    default:
      module_.error(constructor.at, "nothing to construct");
  }
}

// Puts an entry for every combination of what the parts of the key stand for, from the part after
// `given` on.
void Lowerer::putEach(Reg container, std::span<Expr* const> parts, const types::TableType& table,
                      const Expr* value, std::vector<vm::Argument>& given) {
  auto mark = emit_.mark();
  if (given.size() == parts.size()) {
    Reg from;
    if (value != nullptr) from = stableAs(value, table.value());
    int32_t site = siteOf(0, given);
    at(parts[0]->at);
    if (value != nullptr)
      emit_.emit(Op::putN, container, from, noReg, site);
    else
      emit_.emit(Op::addN, container, noReg, noReg, site);
    emit_.release(mark);
    return;
  }
  const Expr* part = parts[given.size()];
  const Type* type = table.indices()[given.size()];
  const bool isManaged = managed(type);
  if (!standsForElements(part, type)) {
    given.push_back({stableAs(part, type).bits, isManaged, false, type});
    putEach(container, parts, table, value, given);
    given.pop_back();
    emit_.release(mark);
    return;
  }
  Reg iterator = emit_.temporary(true);
  Reg element = temporary(type);
  emit_.emit(Op::iterate, iterator, this->value(part));
  Label end;
  const uint32_t start = emit_.here();
  emit_.jump(end, Op::nextEntry, iterator);
  emit_.emitRaw(isManaged ? Op::entryKeyM : Op::entryKey, element.bits, iterator.bits, 0, 0);
  given.push_back({element.bits, isManaged, false, type});
  putEach(container, parts, table, value, given);
  given.pop_back();
  emit_.loopTo(start);
  emit_.bind(end);
  emit_.emit(Op::clearM, iterator);
  emit_.release(mark);
}

void Lowerer::setField(Reg record, const types::RecordType& type, uint32_t field, Reg from) {
  uint32_t words = (static_cast<uint32_t>(type.fields().size()) + 63) / 64;
  auto cell = static_cast<int32_t>(2 + words + field);
  Op op = Op::setF;
  if (managed(type.field(field).type)) {
    bool take = from.bits >= Emitter::managedBase && from.bits < Emitter::plainBase &&
                emit_.isTemporary(from);
    op = take ? Op::setFT : Op::setFM;
  }
  emit_.emitRaw(op, record.bits, from.bits, static_cast<uint16_t>(field), cell);
}

void Lowerer::recordInto(const syntax::ConstructorExpr& constructor, const types::RecordType& type,
                         Reg target) {
  std::vector<bool> given(type.fields().size());
  auto indexOf = [&](const syntax::FieldAssignExpr& field) {
    // By name: the constructor may have been written for another record type.
    auto offset = type.offsetOf(field.name);
    return offset ? *offset : static_cast<uint32_t>(field.fieldIndex);
  };
  for (const Expr* expr : constructor.elements) {
    const auto* field = as<syntax::FieldAssignExpr>(expr);
    if (field != nullptr && indexOf(*field) < given.size()) given[indexOf(*field)] = true;
  }
  Reg record = emit_.temporary(true);
  newRecordInto(type, record, given);
  for (const Expr* expr : constructor.elements) {
    const auto* field = as<syntax::FieldAssignExpr>(expr);
    if (field == nullptr) continue;
    uint32_t index = indexOf(*field);
    if (index >= given.size()) {
      module_.error(expr->at, "no such field");
      continue;
    }
    auto mark = emit_.mark();
    const types::Field& target_field = type.field(index);
    Reg reg;
    uint16_t attributes = module_.fieldAttributes(target_field);
    if (attributes != 0 && target_field.type->isTableOrSet()) {
      reg = emit_.temporary(true);
      if (!constructWithAttributes(field->value, target_field.type, reg, attributes)) {
        intoAs(field->value, target_field.type, reg);
        emit_.emit(Op::attachAttributes, reg, noReg, noReg, attributes - 1);
      }
    } else {
      reg = valueAs(field->value, target_field.type);
    }
    at(expr->at);
    setField(record, type, index, reg);
    emit_.release(mark);
  }
  move(record, target, true);
}

void Lowerer::newRecordInto(const types::RecordType& type, Reg target,
                            const std::vector<bool>& given) {
  if (given.empty() && recordsInside_ > maxInlineDepth) {
    emit_.emit(Op::newRecordAll, target, noReg, noReg, typeId(&type));
    return;
  }
  emit_.emit(Op::newRecord, target, noReg, noReg, typeId(&type));
  ++recordsInside_;
  for (uint32_t i = 0; i < type.fields().size(); ++i) {
    if (!given.empty() && given[i]) continue;
    fieldDefaultInto(type, i, target);
  }
  --recordsInside_;
}

void Lowerer::fieldDefaultInto(const types::RecordType& type, uint32_t field, Reg record) {
  const types::Field& info = type.field(field);
  const bool computed = module_.defaultOf(info) != nullptr ? module_.literalDefault(info) == nullptr
                                                           : ModuleCompiler::startsEmpty(info);
  if (computed && recordsInside_ > maxInlineDepth) {
    // A field without a value gets its default by this, from the Vm: a default may make a record of
    // the kind that it is a default of, and only at run time it shows whether that ends.
    emit_.emitRaw(Op::deleteF, record.bits, 0, static_cast<uint16_t>(field), 0);
    return;
  }
  auto mark = emit_.mark();
  if (const Expr* expr = module_.defaultOf(info)) {
    // Constant ones are in the record's image already.
    if (module_.literalDefault(info) == nullptr) {
      Reg reg = temporary(info.type);
      uint16_t attributes = module_.fieldAttributes(info);
      if (!constructWithAttributes(expr, info.type, reg, attributes)) {
        intoAs(expr, info.type, reg);
        if (attributes != 0 && info.type->isTableOrSet()) {
          emit_.emit(Op::attachAttributes, reg, noReg, noReg, attributes - 1);
        }
      }
      setField(record, type, field, reg);
    }
  } else if (ModuleCompiler::startsEmpty(info)) {
    Reg reg = emit_.temporary(true);
    emptyInto(info.type, reg, module_.fieldAttributes(info));
    setField(record, type, field, reg);
  }
  emit_.release(mark);
}

void Lowerer::emptyInto(const Type* type, Reg target, uint16_t attributes) {
  switch (type->tag()) {
    case Tag::record:
      newRecordInto(type->asRecord(), target, {});
      return;
    case Tag::vector:
      emit_.emit(Op::newVector, target, noReg, noReg, typeId(module_.vectorType(type)));
      return;
    case Tag::table:
    case Tag::set:
      emit_.emitRaw(Op::newTable, target.bits, attributes, 0, typeId(type));
      giveHooks(target, attributes);
      return;
    default:
      return;
  }
}

// Attribute expressions that read locals take their value where the table is made.
void Lowerer::giveHooks(Reg table, uint16_t attributes) {
  if (attributes == 0) return;
  for (const auto& [which, expr] : module_.hooksGivenWhenMade(attributes)) {
    auto mark = emit_.mark();
    const vm::TableAttributes& made = module_.out().attributes[attributes - 1u];
    Reg reg = which == 0 ? stableAs(expr, made.defaultType) : stable(expr);
    emit_.emit(Op::tableHook, table, reg, noReg, which);
    emit_.release(mark);
  }
}

void Lowerer::emptyLocals() {
  if (function_ == nullptr) return;
  for (const Symbol* symbol : function_->emptyAtEntry) {
    emptyInto(symbol->type, localReg(*symbol),
              module_.attributes(symbol->attributes, symbol->type));
  }
}

}  // namespace bulkhead::compile
