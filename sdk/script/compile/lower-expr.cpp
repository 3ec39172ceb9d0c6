#include "sdk/script/compile/lower.h"

#include <cassert>

namespace bulkhead::compile {

using syntax::as;
using syntax::CoerceKind;
using syntax::ExprKind;
using syntax::LiteralKind;

namespace {

// Whether a value may be held where `to` is wanted as it is. A `vector of any` may be any vector:
// the opcodes for it look at what the vector holds.
bool fits(const Type* from, const Type* to) {
  if (from->is(Tag::vector) && to->is(Tag::vector) &&
      (to->asVector().unspecified() || to->asVector().element()->is(Tag::any))) {
    return true;
  }
  return types::sameLayout(from, to);
}

bool isAnyVector(const Type* type) {
  return type->is(Tag::vector) &&
         (type->asVector().unspecified() || type->asVector().element()->is(Tag::any));
}

}  // namespace

// ---- Names and registers

void Lowerer::at(source::Location location) {
  if (!location.known()) return;
  uint32_t file = 0;
  uint32_t line = 0;
  uint32_t column = 0;
  module_.place(location, file, line, column);
  emit_.line(file, line, column);
}

void Lowerer::move(Reg from, Reg to, bool isManaged) {
  if (from == to) return;
  if (!isManaged) {
    emit_.emit(Op::move, to, from);
  } else if (from.bits >= Emitter::managedBase && from.bits < Emitter::plainBase &&
             emit_.isTemporary(from)) {
    emit_.emit(Op::takeM, to, from);
  } else {
    emit_.emit(Op::moveM, to, from);
  }
}

Reg Lowerer::localReg(const Symbol& symbol) {
  assert(symbol.kind == analysis::SymbolKind::local && symbol.index < locals_.size());
  return locals_[symbol.index];
}

Reg Lowerer::flagOf(const Symbol& symbol) { return flags_[symbol.index]; }

void Lowerer::checkSet(const Symbol& symbol) {
  if (!symbol.mayBeUnset) return;
  int32_t text = module_.stringConstant(symbol.name);
  if (managed(symbol.type)) {
    emit_.emit(Op::checkSetM, localReg(symbol), noReg, noReg, text);
  } else {
    emit_.emit(Op::checkSet, flagOf(symbol), noReg, noReg, text);
  }
}

bool Lowerer::quiet(const Expr* expr) {
  if (expr == nullptr) return true;
  switch (expr->kind) {
    case ExprKind::name:
    case ExprKind::literal:
    case ExprKind::typeValue:
      return true;
    case ExprKind::field:
    case ExprKind::hasField:
      return quiet(as<syntax::FieldExpr>(expr)->base);
    case ExprKind::unary: {
      const auto* unary = as<syntax::UnaryExpr>(expr);
      return unary->op != syntax::UnaryOp::increment && unary->op != syntax::UnaryOp::decrement &&
             quiet(unary->operand);
    }
    case ExprKind::binary: {
      const auto* binary = as<syntax::BinaryExpr>(expr);
      return quiet(binary->left) && quiet(binary->right);
    }
    case ExprKind::coerce: {
      const auto* coerce = as<syntax::CoerceExpr>(expr);
      return coerce->coercion == CoerceKind::arithmetic && quiet(coerce->operand);
    }
    case ExprKind::list: {
      for (const Expr* element : as<syntax::ListExpr>(expr)->elements) {
        if (!quiet(element)) return false;
      }
      return true;
    }
    default:
      // Indexing may call a &default function; the rest calls or assigns outright.
      return false;
  }
}

void Lowerer::watch(const Type* type, Reg reg) {
  if (!inCondition_) return;
  if (type->isTableOrSet() || type->is(Tag::vector) || type->is(Tag::record))
    emit_.emit(Op::watch, reg);
}

Reg Lowerer::name(const syntax::NameExpr& expr, bool mustOwn) {
  const Symbol& symbol = *expr.symbol;
  if (symbol.kind == analysis::SymbolKind::local) {
    checkSet(symbol);
    watch(symbol.type, localReg(symbol));
    return localReg(symbol);
  }
  bool isManaged = managed(symbol.type);
  if (symbol.kind == analysis::SymbolKind::global && isManaged && !mustOwn) {
    Reg reg = emit_.temporary(false);
    emit_.emit(Op::getGB, reg, noReg, noReg, static_cast<int32_t>(symbol.index));
    watch(symbol.type, reg);
    return reg;
  }
  Reg reg = temporary(expr.type);
  nameInto(expr, reg);
  return reg;
}

// Events and hooks have a value without a body, functions have not.
bool Lowerer::failUnset(const Symbol& symbol) {
  const analysis::Callable& callable = module_.program().callables[symbol.index];
  if (ofAttribute_ || !callable.bodies.empty() || callable.native >= 0 ||
      symbol.type->asFunc().flavor() != types::Flavor::function) {
    return false;
  }
  emit_.emit(Op::fail, noReg, noReg, noReg,
             module_.stringConstant("value used but not set (" + symbol.name + ")"));
  return true;
}

void Lowerer::nameInto(const syntax::NameExpr& expr, Reg target) {
  const Symbol& symbol = *expr.symbol;
  switch (symbol.kind) {
    case analysis::SymbolKind::local:
      checkSet(symbol);
      move(localReg(symbol), target, managed(symbol.type));
      return;
    case analysis::SymbolKind::global: {
      auto index = static_cast<int32_t>(symbol.index);
      if (managed(symbol.type)) {
        emit_.emit(Op::getGM, target, noReg, noReg, index);
        watch(symbol.type, target);
      } else if (module_.hasInitializer(symbol)) {
        emit_.emit(Op::getG, target, noReg, noReg, index);
      } else {
        emit_.emit(Op::getGC, target, noReg, noReg, index);
      }
      return;
    }
    case analysis::SymbolKind::callable:
      if (failUnset(symbol)) return;
      module_.show(module_.functionOf(symbol));
      emit_.emit(Op::loadFunction, target, noReg, noReg,
                 static_cast<int32_t>(module_.functionOf(symbol)));
      return;
    case analysis::SymbolKind::type:
      emit_.emit(Op::loadType, target, noReg, noReg, typeId(symbol.type));
      return;
    case analysis::SymbolKind::enumerator: {
      int64_t value = symbol.value;
      emit_.emit(Op::loadI, target, noReg, noReg, static_cast<int32_t>(value));
      return;
    }
  }
}

// ---- Values

Reg Lowerer::value(const Expr* expr) {
  if (const auto* n = as<syntax::NameExpr>(expr)) return name(*n, false);
  if (const auto* literal = as<syntax::LiteralExpr>(expr)) {
    // Constants outlive everything: borrow them.
    Reg reg = emit_.temporary(false);
    literalInto(*literal, reg);
    return reg;
  }
  if (expr->kind == ExprKind::field && managed(expr->type)) {
    const auto* field = as<syntax::FieldExpr>(expr);
    Reg reg = emit_.temporary(false);
    auto mark = emit_.mark();
    Reg base = value(field->base);
    at(expr->at);
    const auto& type = field->base->type->asRecord();
    uint32_t words = (static_cast<uint32_t>(type.fields().size()) + 63) / 64;
    auto index = static_cast<uint32_t>(field->fieldIndex);
    auto cell = static_cast<int32_t>(2 + words + index);
    emit_.emitRaw(Op::getFB, reg.bits, base.bits, static_cast<uint16_t>(index), cell);
    // Managed temporaries below may own what is borrowed: they stay until the statement ends.
    emit_.release({emit_.mark().managed, mark.plain});
    return reg;
  }
  Reg reg = temporary(expr->type);
  into(expr, reg);
  return reg;
}

Reg Lowerer::stable(const Expr* expr) {
  if (const auto* n = as<syntax::NameExpr>(expr)) {
    if (n->symbol->kind == analysis::SymbolKind::local) {
      Reg reg = temporary(expr->type);
      nameInto(*n, reg);
      return reg;
    }
    return name(*n, true);
  }
  if (as<syntax::LiteralExpr>(expr) != nullptr) return value(expr);
  Reg reg = temporary(expr->type);
  into(expr, reg);
  return reg;
}

Reg Lowerer::valueAs(const Expr* expr, const Type* type) {
  if (fits(expr->type, type)) return value(expr);
  Reg reg = temporary(type);
  intoAs(expr, type, reg);
  return reg;
}

Reg Lowerer::stableAs(const Expr* expr, const Type* type) {
  if (fits(expr->type, type)) return stable(expr);
  Reg reg = temporary(type);
  intoAs(expr, type, reg);
  return reg;
}

void Lowerer::operands(const Expr* left, const Expr* right, Reg& leftReg, Reg& rightReg) {
  leftReg = quiet(right) ? value(left) : stable(left);
  rightReg = value(right);
}

void Lowerer::intoAs(const Expr* expr, const Type* type, Reg target) {
  if (fits(expr->type, type)) {
    into(expr, target);
    return;
  }
  if (constructWithAttributes(expr, type, target, 0)) return;
  auto mark = emit_.mark();
  Reg from = value(expr);
  at(expr->at);
  convertInto(from, expr->type, type, target);
  emit_.release(mark);
}

void Lowerer::convertInto(Reg from, const Type* fromType, const Type* toType, Reg target) {
  if (toType->is(Tag::any)) {
    emit_.emit(Op::box, target, from, noReg, typeId(fromType));
    return;
  }
  if (fromType->is(Tag::any)) {
    emit_.emit(managed(toType) ? Op::unboxM : Op::unbox, target, from, noReg, typeId(toType));
    return;
  }
  if (fromType->is(Tag::function) && toType->is(Tag::function)) {
    move(from, target, true);
    return;
  }
  code().conversions.push_back({fromType, toType});
  emit_.emit(managed(toType) ? Op::convertM : Op::convert, target, from, noReg,
             static_cast<int32_t>(code().conversions.size() - 1));
}

void Lowerer::effect(const Expr* expr) {
  auto mark = emit_.mark();
  at(expr->at);
  switch (expr->kind) {
    case ExprKind::assign:
      assign(*as<syntax::AssignExpr>(expr), noReg);
      break;
    case ExprKind::call:
      callInto(*as<syntax::CallExpr>(expr), noReg);
      break;
    case ExprKind::add:
      addElement(as<syntax::ElementExpr>(expr)->operand);
      break;
    case ExprKind::remove:
      deleteElement(as<syntax::ElementExpr>(expr)->operand);
      break;
    case ExprKind::schedule: {
      const auto* schedule = as<syntax::ScheduleExpr>(expr);
      Reg delay = stable(schedule->delay);
      raise(*schedule->event, delay);
      break;
    }
    case ExprKind::unary: {
      const auto& unary = *as<syntax::UnaryExpr>(expr);
      if (unary.op == syntax::UnaryOp::increment || unary.op == syntax::UnaryOp::decrement) {
        incrementInto(unary, noReg);
        break;
      }
      [[fallthrough]];
    }
    default:
      if (expr->type->is(Tag::void_)) {
        into(expr, noReg);
      } else {
        Reg reg = temporary(expr->type);
        into(expr, reg);
      }
  }
  emit_.release(mark);
}

void Lowerer::into(const Expr* expr, Reg target) {
  auto mark = emit_.mark();
  at(expr->at);
  switch (expr->kind) {
    case ExprKind::name:
      nameInto(*as<syntax::NameExpr>(expr), target);
      break;
    case ExprKind::literal:
      literalInto(*as<syntax::LiteralExpr>(expr), target);
      break;
    case ExprKind::typeValue:
      emit_.emit(Op::loadType, target, noReg, noReg,
                 typeId(as<syntax::TypeValueExpr>(expr)->value));
      break;
    case ExprKind::unary:
      unaryInto(*as<syntax::UnaryExpr>(expr), target);
      break;
    case ExprKind::binary:
      binaryInto(*as<syntax::BinaryExpr>(expr), target);
      break;
    case ExprKind::assign:
      assign(*as<syntax::AssignExpr>(expr), target);
      break;
    case ExprKind::conditional: {
      const auto* choice = as<syntax::ConditionalExpr>(expr);
      if (choice->condition->type->is(Tag::vector)) {
        Reg mask = stable(choice->condition);
        Reg yes = stable(choice->whenTrue);
        Reg no = value(choice->whenFalse);
        emit_.emit(Op::vecChoose, target, mask, yes, no.bits);
        break;
      }
      Label otherwise;
      Label end;
      condition(choice->condition, false, otherwise);
      intoAs(choice->whenTrue, expr->type, target);
      emit_.jump(end);
      emit_.bind(otherwise);
      intoAs(choice->whenFalse, expr->type, target);
      emit_.bind(end);
      break;
    }
    case ExprKind::index:
      indexInto(*as<syntax::IndexExpr>(expr), target);
      watch(expr->type, target);
      break;
    case ExprKind::slice:
      sliceInto(*as<syntax::SliceExpr>(expr), target);
      break;
    case ExprKind::field:
      fieldInto(*as<syntax::FieldExpr>(expr), target);
      break;
    case ExprKind::hasField: {
      const auto* field = as<syntax::FieldExpr>(expr);
      Reg base = value(field->base);
      const auto& type = field->base->type->asRecord();
      auto index = static_cast<uint32_t>(field->fieldIndex);
      uint32_t words = (static_cast<uint32_t>(type.fields().size()) + 63) / 64;
      emit_.emitRaw(managed(type.field(index).type) ? Op::hasFM : Op::hasF, target.bits, base.bits,
                    static_cast<uint16_t>(index), static_cast<int32_t>(2 + words + index));
      break;
    }
    case ExprKind::call:
      callInto(*as<syntax::CallExpr>(expr), target);
      break;
    case ExprKind::recordConstructor:
    case ExprKind::tableConstructor:
    case ExprKind::setConstructor:
    case ExprKind::vectorConstructor: {
      const auto* constructor = as<syntax::ConstructorExpr>(expr);
      constructInto(*constructor, expr->type, target, 0);
      break;
    }
    case ExprKind::lambda:
      lambdaInto(*as<syntax::LambdaExpr>(expr), target);
      break;
    case ExprKind::copy: {
      const auto* copy = as<syntax::CopyExpr>(expr);
      Reg from = value(copy->operand);
      if (managed(expr->type)) {
        emit_.emit(Op::copyM, target, from, noReg, typeId(expr->type));
      } else {
        move(from, target, false);
      }
      break;
    }
    case ExprKind::cast:
    case ExprKind::is:
    case ExprKind::canConvert:
      castInto(*as<syntax::CastExpr>(expr), target);
      break;
    case ExprKind::coerce:
      coerceInto(*as<syntax::CoerceExpr>(expr), target);
      break;
    case ExprKind::whenLocal: {
      const auto* local = as<syntax::WhenLocalExpr>(expr);
      assignTo(*local->symbol, local->value);
      if (!target.none()) emit_.emit(Op::loadI, target, noReg, noReg, 1);
      break;
    }
    case ExprKind::schedule:
    case ExprKind::add:
    case ExprKind::remove:
      effect(expr);
      break;
    case ExprKind::list:
    case ExprKind::fieldAssign:
    case ExprKind::error:
      module_.error(expr->at, "this expression has no value of its own");
      break;
  }
  emit_.release(mark);
}

void Lowerer::literalInto(const syntax::LiteralExpr& literal, Reg target) {
  bool toManaged = target.bits < Emitter::plainBase && managed(literal.type);
  switch (literal.literal) {
    case LiteralKind::boolean:
      emit_.emit(Op::loadI, target, noReg, noReg, literal.boolean ? 1 : 0);
      return;
    case LiteralKind::count:
      if (literal.count <= INT32_MAX && !literal.type->is(Tag::real)) {
        emit_.emit(Op::loadI, target, noReg, noReg, static_cast<int32_t>(literal.count));
        return;
      }
      break;
    case LiteralKind::integer:
    case LiteralKind::enumerator:
      if (literal.integer >= INT32_MIN && literal.integer <= INT32_MAX &&
          !literal.type->is(Tag::real)) {
        emit_.emit(Op::loadI, target, noReg, noReg, static_cast<int32_t>(literal.integer));
        return;
      }
      break;
    default:
      break;
  }
  emit_.emit(toManaged ? Op::loadKM : Op::loadK, target, noReg, noReg, module_.constant(literal));
}

void Lowerer::fieldInto(const syntax::FieldExpr& field, Reg target) {
  Reg base = value(field.base);
  at(field.at);
  const auto& type = field.base->type->asRecord();
  auto index = static_cast<uint32_t>(field.fieldIndex);
  uint32_t words = (static_cast<uint32_t>(type.fields().size()) + 63) / 64;
  emit_.emitRaw(managed(type.field(index).type) ? Op::getFM : Op::getF, target.bits, base.bits,
                static_cast<uint16_t>(index), static_cast<int32_t>(2 + words + index));
}

// ---- Index and slice

void Lowerer::indexInto(const syntax::IndexExpr& index, Reg target) {
  const Type* baseType = index.base->type;
  bool isManaged = managed(index.type);
  if (baseType->isTableOrSet()) {
    const auto& table = baseType->asTable();
    const Expr* only = index.indices.size() == 1 ? index.indices[0] : nullptr;
    if (only != nullptr && only->kind == ExprKind::list) {
      auto elements = as<syntax::ListExpr>(only)->elements;
      if (elements.size() > 1) {
        Reg base = stable(index.base);
        int32_t site = keySite(elements, table);
        at(index.at);
        emit_.emit(isManaged ? Op::getNM : Op::getN, target, base, noReg, site);
        return;
      }
      if (elements.size() == 1) only = elements[0];
    }
    if (only == nullptr || table.indices().size() != 1) {
      Reg base = stable(index.base);
      int32_t site = keySite(index.indices, table);
      at(index.at);
      emit_.emit(isManaged ? Op::getNM : Op::getN, target, base, noReg, site);
      return;
    }
    const Type* keyType = table.indices()[0];
    Reg base = quiet(only) ? value(index.base) : stable(index.base);
    if (keyType->is(Tag::subnet) && only->type->is(Tag::addr)) {
      Reg key = value(only);
      at(index.at);
      emit_.emit(isManaged ? Op::getAddrM : Op::getAddr, target, base, key);
    } else if (keyType->is(Tag::pattern) && only->type->is(Tag::string)) {
      Reg key = value(only);
      at(index.at);
      emit_.emit(Op::getMatches, target, base, key, typeId(index.type));
    } else {
      Reg key = valueAs(only, keyType);
      at(index.at);
      emit_.emit(isManaged ? Op::get1M : Op::get1, target, base, key);
    }
    return;
  }
  const Expr* at0 = index.indices[0];
  Reg base;
  Reg key;
  operands(index.base, at0, base, key);
  at(index.at);
  if (baseType->is(Tag::string)) {
    emit_.emit(Op::stringAt, target, base, key);
  } else if (at0->type->is(Tag::vector)) {
    bool mask = at0->type->asVector().element() != nullptr &&
                at0->type->asVector().element()->is(Tag::boolean);
    emit_.emit(mask ? Op::vecSelect : Op::vecByIndex, target, base, key);
  } else {
    Op op = isAnyVector(baseType) ? Op::vecGetAny : isManaged ? Op::vecGetM : Op::vecGet;
    emit_.emit(op, target, base, key);
  }
}

void Lowerer::sliceBounds(const syntax::SliceExpr& slice, Reg base, Reg pair) {
  Reg second{static_cast<uint16_t>(pair.bits + 1)};
  if (slice.low != nullptr) {
    into(slice.low, pair);
  } else {
    emit_.emit(Op::loadI, pair, noReg, noReg, 0);
  }
  if (slice.high != nullptr) {
    into(slice.high, second);
  } else {
    emit_.emit(Op::sizeOf, second, base, noReg, typeId(slice.base->type));
  }
}

void Lowerer::sliceInto(const syntax::SliceExpr& slice, Reg target) {
  Reg base = quiet(slice.low) && quiet(slice.high) ? value(slice.base) : stable(slice.base);
  Reg pair = emit_.temporaryPair();
  sliceBounds(slice, base, pair);
  at(slice.at);
  emit_.emit(slice.base->type->is(Tag::string) ? Op::stringSlice : Op::vecSlice, target, base,
             pair);
}

// ---- Conversions

void Lowerer::coerceInto(const syntax::CoerceExpr& coerce, Reg target) {
  const Expr* operand = coerce.operand;
  const Type* from = operand->type;
  const Type* to = coerce.type;
  switch (coerce.coercion) {
    case CoerceKind::arithmetic: {
      if (to->is(Tag::vector)) {
        Reg vector = value(operand);
        emit_.emit(Op::vecCoerce, target, vector, noReg,
                   vectorOperation(vm::VectorOp::convert, from->asVector().element(), nullptr, to));
        return;
      }
      Reg reg = value(operand);
      bool toReal = to->is(Tag::real) || to->is(Tag::time) || to->is(Tag::interval);
      bool fromReal = from->is(Tag::real) || from->is(Tag::time) || from->is(Tag::interval);
      if (toReal && fromReal) {
        move(reg, target, false);
      } else if (toReal) {
        emit_.emit(from->is(Tag::integer) ? Op::intToReal : Op::countToReal, target, reg);
      } else if (fromReal) {
        emit_.emit(to->is(Tag::integer) ? Op::realToInt : Op::realToCount, target, reg);
      } else if (from->is(Tag::count) && to->is(Tag::integer)) {
        emit_.emit(Op::countToInt, target, reg);
      } else if (from->is(Tag::integer) && to->is(Tag::count)) {
        emit_.emit(Op::intToCount, target, reg);
      } else {
        move(reg, target, false);
      }
      return;
    }
    case CoerceKind::record: {
      if (constructWithAttributes(operand, to, target, 0)) return;
      if (fits(from, to)) {
        into(operand, target);
        return;
      }
      vm::RecordMap map;
      map.target = &to->asRecord();
      for (const types::Field& field : map.target->fields()) {
        auto offset = from->asRecord().offsetOf(field.name);
        if (offset) {
          map.parts.push_back(
              {static_cast<int32_t>(*offset), from->asRecord().field(*offset).type});
        } else {
          map.parts.push_back({vm::RecordMap::fromDefault, nullptr});
        }
      }
      Reg reg = value(operand);
      code().recordMaps.push_back(std::move(map));
      emit_.emit(Op::coerceRecord, target, reg, noReg,
                 static_cast<int32_t>(code().recordMaps.size() - 1));
      return;
    }
    case CoerceKind::table:
    case CoerceKind::vector:
      if (constructWithAttributes(operand, to, target, 0)) return;
      convertInto(value(operand), from, to, target);
      return;
    case CoerceKind::toAny:
    case CoerceKind::fromAny: {
      if (from->is(Tag::any) && to->is(Tag::any)) {
        into(operand, target);
        return;
      }
      Reg reg = value(operand);
      convertInto(reg, from, to, target);
      return;
    }
    case CoerceKind::function:
      into(operand, target);
      return;
    case CoerceKind::toVector:
      // The vector beside it gives the size: its operator lowers this node (spread()).
      module_.error(coerce.at, "a scalar has no vector beside it");
      return;
  }
}

void Lowerer::castInto(const syntax::CastExpr& cast, Reg target) {
  const Type* from = cast.operand->type;
  const bool fromAny = from->is(Tag::any);
  if (cast.kind != ExprKind::is && (fromAny || types::castable(from, cast.target))) {
    Reg reg = value(cast.operand);
    at(cast.at);
    code().conversions.push_back({from, cast.target});
    Op op = cast.kind == ExprKind::canConvert ? Op::canCast
            : managed(cast.target)            ? Op::castM
                                              : Op::cast;
    emit_.emit(op, target, reg, noReg, static_cast<int32_t>(code().conversions.size() - 1));
    return;
  }
  const Type* any = module_.types().basic(Tag::any);
  const bool looksInside = types::isBrokerData(from) && !types::sameType(from, cast.target);
  if (!fromAny && !looksInside) {
    if (cast.kind == ExprKind::cast) {
      intoAs(cast.operand, cast.target, target);
      return;
    }
    effect(cast.operand);
    emit_.emit(Op::loadI, target, noReg, noReg, types::sameType(from, cast.target) ? 1 : 0);
    return;
  }
  auto mark = emit_.mark();
  Reg reg = value(cast.operand);
  if (looksInside) {
    Reg boxed = temporary(any);
    convertInto(reg, from, any, boxed);
    reg = boxed;
  }
  at(cast.at);
  if (cast.kind == ExprKind::cast) {
    convertInto(reg, any, cast.target, target);
  } else {
    emit_.emit(Op::isType, target, reg, noReg, typeId(cast.target));
  }
  emit_.release(mark);
}

// ---- Closures

int32_t Lowerer::closureSite(uint32_t function, const std::vector<analysis::Capture>& captures) {
  vm::ClosureSite site;
  site.function = function;
  for (bool wantManaged : {true, false}) {
    for (const analysis::Capture& capture : captures) {
      if (managed(capture.outer->type) != wantManaged) continue;
      site.captures.push_back(
          {localReg(*capture.outer).bits, wantManaged, false, capture.outer->type});
      site.captureTypes.push_back(capture.outer->type);
      site.deepCopy.push_back(capture.deepCopy);
      site.managedCaptures += wantManaged ? 1 : 0;
    }
  }
  // A variable without a value is captured so: it may get one inside.
  const Type* boolean = module_.types().basic(Tag::boolean);
  for (const analysis::Capture& capture : captures) {
    if (flagOf(*capture.outer).none()) continue;
    site.captures.push_back({flagOf(*capture.outer).bits, false, false, boolean});
    site.captureTypes.push_back(boolean);
    site.deepCopy.push_back(false);
  }
  code().closureSites.push_back(std::move(site));
  return static_cast<int32_t>(code().closureSites.size() - 1);
}

void Lowerer::lambdaInto(const syntax::LambdaExpr& lambda, Reg target) {
  uint32_t function = module_.lambda(*lambda.function);
  if (lambda.function->captures.empty()) {
    emit_.emit(Op::loadFunction, target, noReg, noReg, static_cast<int32_t>(function));
    return;
  }
  int32_t site = closureSite(function, lambda.function->captures);
  emit_.emit(Op::closure, target, noReg, noReg, site);
}

}  // namespace bulkhead::compile
