#include "sdk/script/compile/lower.h"

#include <cassert>

namespace bulkhead::compile {

using syntax::as;
using syntax::BinaryOp;
using syntax::ExprKind;
using syntax::UnaryOp;
using vm::VectorOp;

namespace {

// How a type's values are held, as far as operators care.
enum class Class : uint8_t { integer, count, real, string, other };

Class classOf(const Type* type) {
  switch (type->tag()) {
    case Tag::integer:
    case Tag::enumeration:
    case Tag::boolean:
      return Class::integer;
    case Tag::count:
    case Tag::port:
      return Class::count;
    case Tag::real:
    case Tag::time:
    case Tag::interval:
      return Class::real;
    case Tag::string:
      return Class::string;
    default:
      return Class::other;
  }
}

VectorOp vectorOpOf(BinaryOp op) {
  switch (op) {
    case BinaryOp::add:
      return VectorOp::add;
    case BinaryOp::subtract:
      return VectorOp::subtract;
    case BinaryOp::multiply:
      return VectorOp::multiply;
    case BinaryOp::divide:
      return VectorOp::divide;
    case BinaryOp::modulo:
      return VectorOp::modulo;
    case BinaryOp::bitAnd:
      return VectorOp::bitAnd;
    case BinaryOp::bitOr:
      return VectorOp::bitOr;
    case BinaryOp::bitXor:
      return VectorOp::bitXor;
    case BinaryOp::shiftLeft:
      return VectorOp::shiftLeft;
    case BinaryOp::shiftRight:
      return VectorOp::shiftRight;
    case BinaryOp::logicalAnd:
      return VectorOp::logicalAnd;
    case BinaryOp::logicalOr:
      return VectorOp::logicalOr;
    case BinaryOp::equal:
      return VectorOp::equal;
    case BinaryOp::notEqual:
      return VectorOp::notEqual;
    case BinaryOp::less:
      return VectorOp::less;
    case BinaryOp::lessEqual:
      return VectorOp::lessEqual;
    case BinaryOp::greater:
      return VectorOp::greater;
    default:
      return VectorOp::greaterEqual;
  }
}

bool isComparison(BinaryOp op) {
  switch (op) {
    case BinaryOp::equal:
    case BinaryOp::notEqual:
    case BinaryOp::less:
    case BinaryOp::lessEqual:
    case BinaryOp::greater:
    case BinaryOp::greaterEqual:
      return true;
    default:
      return false;
  }
}

// A small literal that fits the 16 bits of a comparing jump.
const syntax::LiteralExpr* smallNumber(const Expr* expr, int64_t& number) {
  const auto* literal = as<syntax::LiteralExpr>(expr);
  if (literal == nullptr) return nullptr;
  switch (literal->literal) {
    case syntax::LiteralKind::count:
      if (literal->count > INT16_MAX || classOf(literal->type) == Class::real) return nullptr;
      number = static_cast<int64_t>(literal->count);
      return literal;
    case syntax::LiteralKind::integer:
    case syntax::LiteralKind::enumerator:
      if (literal->integer < INT16_MIN || literal->integer > INT16_MAX ||
          classOf(literal->type) == Class::real) {
        return nullptr;
      }
      number = literal->integer;
      return literal;
    case syntax::LiteralKind::boolean:
      number = literal->boolean ? 1 : 0;
      return literal;
    default:
      return nullptr;
  }
}

}  // namespace

int32_t Lowerer::vectorOperation(VectorOp op, const Type* operand, const Type* right,
                                 const Type* result) {
  code().vectorOperations.push_back({op, operand, right, &result->asVector()});
  return static_cast<int32_t>(code().vectorOperations.size() - 1);
}

void Lowerer::unaryInto(const syntax::UnaryExpr& unary, Reg target) {
  const Type* type = unary.operand->type;
  if (unary.op == UnaryOp::increment || unary.op == UnaryOp::decrement) {
    incrementInto(unary, target);
    return;
  }
  Reg reg = value(unary.operand);
  at(unary.at);
  if (type->is(Tag::vector) && unary.op != UnaryOp::size) {
    if (unary.op == UnaryOp::plus) {
      move(reg, target, true);
      return;
    }
    VectorOp op = unary.op == UnaryOp::logicalNot   ? VectorOp::logicalNot
                  : unary.op == UnaryOp::complement ? VectorOp::complement
                                                    : VectorOp::negate;
    emit_.emit(Op::vecUnary, target, reg, noReg,
               vectorOperation(op, type->asVector().element(), nullptr, unary.type));
    return;
  }
  switch (unary.op) {
    case UnaryOp::logicalNot:
      emit_.emit(Op::notB, target, reg);
      return;
    case UnaryOp::complement:
      emit_.emit(Op::bitNot, target, reg);
      return;
    case UnaryOp::negate:
      emit_.emit(classOf(type) == Class::real ? Op::negD : Op::negI, target, reg);
      return;
    case UnaryOp::plus:
      move(reg, target, managed(type));
      return;
    case UnaryOp::size:
      if (type->is(Tag::any)) {
        emit_.emit(Op::sizeOfAny, target, reg);
      } else {
        emit_.emit(Op::sizeOf, target, reg, noReg, typeId(type));
      }
      return;
    default:
      return;
  }
}

void Lowerer::incrementInto(const syntax::UnaryExpr& unary, Reg target) {
  const Expr* operand = unary.operand;
  const Type* type = operand->type;
  bool up = unary.op == UnaryOp::increment;
  auto step = [&](Reg to, Reg from) {
    at(unary.at);
    if (!up && type->is(Tag::count)) {
      emit_.emit(Op::decC, to, from);
    } else {
      emit_.emit(Op::addII, to, from, noReg, up ? 1 : -1);
    }
  };
  if (type->is(Tag::vector)) {
    module_.error(unary.at, "++ and -- of a whole vector are not supported");
    return;
  }
  if (target.none() && (up || type->is(Tag::integer)) &&
      raiseElement(operand, nullptr, up ? 1 : -1))
    return;
  const auto* name = as<syntax::NameExpr>(operand);
  if (name != nullptr && name->symbol->kind == analysis::SymbolKind::local &&
      !captures_.contains(name->symbol)) {
    checkSet(*name->symbol);
    Reg reg = localReg(*name->symbol);
    step(reg, reg);
    if (!target.none()) move(reg, target, false);
    return;
  }
  Reg reg = emit_.temporary(false);
  into(operand, reg);
  step(reg, reg);
  store(operand, reg);
  if (!target.none()) move(reg, target, false);
}

void Lowerer::binaryInto(const syntax::BinaryExpr& binary, Reg target) {
  if (binary.type->is(Tag::vector)) {
    vectorBinaryInto(binary, target);
    return;
  }
  switch (binary.op) {
    case BinaryOp::logicalAnd:
    case BinaryOp::logicalOr: {
      bool isAnd = binary.op == BinaryOp::logicalAnd;
      // The right side may read the variable that is assigned to.
      Reg work = emit_.isTemporary(target) ? target : emit_.temporary(false);
      Label end;
      into(binary.left, work);
      emit_.jump(end, isAnd ? Op::jumpF : Op::jumpT, work);
      into(binary.right, work);
      emit_.bind(end);
      move(work, target, false);
      return;
    }
    case BinaryOp::in:
      memberInto(binary, target);
      return;
    case BinaryOp::notIn:
      memberInto(binary, target);
      emit_.emit(Op::notB, target, target);
      return;
    default:
      break;
  }
  if (isComparison(binary.op)) {
    compareInto(binary, target);
    return;
  }
  Reg a;
  Reg b;
  operands(binary.left, binary.right, a, b);
  at(binary.at);
  arithmetic(binary.op, binary.left->type, binary.right->type, binary.type, a, b, target,
             binary.at);
}

void Lowerer::arithmetic(BinaryOp op, const Type* left, const Type* right, const Type* result,
                         Reg a, Reg b, Reg target, source::Location location) {
  // Sets and patterns first: they use the bit operators.
  if (left->isTableOrSet()) {
    vm::SetOp set = op == BinaryOp::bitOr || op == BinaryOp::add ? vm::SetOp::unite
                    : op == BinaryOp::bitAnd                     ? vm::SetOp::intersect
                                                                 : vm::SetOp::subtract;
    emit_.emit(Op::setBinary, target, a, b, static_cast<int32_t>(set));
    return;
  }
  if (left->is(Tag::pattern)) {
    emit_.emit(op == BinaryOp::bitAnd  ? Op::patternAnd
               : op == BinaryOp::bitOr ? Op::patternOr
                                       : Op::patternAdd,
               target, a, b);
    return;
  }
  if (left->is(Tag::string)) {
    emit_.emit(Op::concat, target, a, b);
    return;
  }
  if (left->is(Tag::addr)) {
    emit_.emit(Op::maskAddr, target, a, b);
    return;
  }
  bool real = classOf(left) == Class::real || classOf(right) == Class::real;
  // `c += -3` takes three from a count.
  bool isSigned = result->is(Tag::integer) || right->is(Tag::integer);
  if (real) {
    // interval * count and the like: the number beside the real one becomes real first.
    auto widen = [&](Reg reg, const Type* type) {
      if (classOf(type) == Class::real) return reg;
      Reg wide = emit_.temporary(false);
      emit_.emit(type->is(Tag::integer) ? Op::intToReal : Op::countToReal, wide, reg);
      return wide;
    };
    a = widen(a, left);
    b = widen(b, right);
  }
  switch (op) {
    case BinaryOp::add:
      emit_.emit(real ? Op::addD : Op::addI, target, a, b);
      return;
    case BinaryOp::subtract:
      emit_.emit(real ? Op::subD : isSigned ? Op::subI : Op::subC, target, a, b);
      return;
    case BinaryOp::multiply:
      emit_.emit(real ? Op::mulD : Op::mulI, target, a, b);
      return;
    case BinaryOp::divide:
      emit_.emit(real ? Op::divD : isSigned ? Op::divI : Op::divC, target, a, b);
      return;
    case BinaryOp::modulo:
      emit_.emit(isSigned ? Op::modI : Op::modC, target, a, b);
      return;
    case BinaryOp::bitAnd:
      emit_.emit(Op::bitAnd, target, a, b);
      return;
    case BinaryOp::bitOr:
      emit_.emit(Op::bitOr, target, a, b);
      return;
    case BinaryOp::bitXor:
      emit_.emit(Op::bitXor, target, a, b);
      return;
    case BinaryOp::shiftLeft:
      emit_.emit(isSigned ? Op::shiftLI : Op::shiftLC, target, a, b);
      return;
    case BinaryOp::shiftRight:
      emit_.emit(isSigned ? Op::shiftRI : Op::shiftRC, target, a, b);
      return;
    case BinaryOp::mask:
      emit_.emit(Op::maskAddr, target, a, b);
      return;
    default:
      module_.error(location, "operator is not supported for these types");
  }
}

void Lowerer::compareInto(const syntax::BinaryExpr& binary, Reg target) {
  const Type* left = binary.left->type;
  const Type* right = binary.right->type;
  Reg a;
  Reg b;
  operands(binary.left, binary.right, a, b);
  at(binary.at);
  BinaryOp op = binary.op;
  bool negate = op == BinaryOp::notEqual;
  bool equality = negate || op == BinaryOp::equal;
  if (equality && (left->is(Tag::pattern) != right->is(Tag::pattern))) {
    if (left->is(Tag::pattern)) {
      emit_.emit(Op::matchWhole, target, a, b);
    } else {
      emit_.emit(Op::matchWhole, target, b, a);
    }
  } else if (equality && left->isTableOrSet()) {
    emit_.emit(Op::setCompare, target, a, b, static_cast<int32_t>(vm::SetOp::equal));
  } else if (equality) {
    switch (classOf(left)) {
      case Class::integer:
      case Class::count:
        emit_.emit(negate ? Op::neI : Op::eqI, target, a, b);
        return;
      case Class::real:
        emit_.emit(negate ? Op::neD : Op::eqD, target, a, b);
        return;
      case Class::string:
        emit_.emit(Op::eqS, target, a, b);
        break;
      case Class::other:
        emit_.emit(Op::eqV, target, a, b, typeId(left));
        break;
    }
  } else {
    if (op == BinaryOp::greater || op == BinaryOp::greaterEqual) std::swap(a, b);
    bool orEqual = op == BinaryOp::lessEqual || op == BinaryOp::greaterEqual;
    if (left->isTableOrSet()) {
      emit_.emit(Op::setCompare, target, a, b,
                 static_cast<int32_t>(orEqual ? vm::SetOp::subset : vm::SetOp::properSubset));
      return;
    }
    switch (classOf(left)) {
      case Class::integer:
        emit_.emit(orEqual ? Op::leI : Op::ltI, target, a, b);
        return;
      case Class::count:
        emit_.emit(orEqual ? Op::leC : Op::ltC, target, a, b);
        return;
      case Class::real:
        emit_.emit(orEqual ? Op::leD : Op::ltD, target, a, b);
        return;
      default:
        emit_.emit(orEqual ? Op::leV : Op::ltV, target, a, b, typeId(left));
        return;
    }
  }
  if (negate) emit_.emit(Op::notB, target, target);
}

void Lowerer::condition(const Expr* expr, bool jumpIf, Label& label) {
  auto mark = emit_.mark();
  if (const auto* unary = as<syntax::UnaryExpr>(expr);
      unary != nullptr && unary->op == UnaryOp::logicalNot && expr->type->is(Tag::boolean)) {
    condition(unary->operand, !jumpIf, label);
    return;
  }
  if (const auto* binary = as<syntax::BinaryExpr>(expr);
      binary != nullptr && expr->type->is(Tag::boolean)) {
    bool isAnd = binary->op == BinaryOp::logicalAnd;
    if (isAnd || binary->op == BinaryOp::logicalOr) {
      if (isAnd != jumpIf) {
        // a && b jumps on false as soon as one is false; a || b on true as soon as one is true.
        condition(binary->left, jumpIf, label);
        condition(binary->right, jumpIf, label);
      } else {
        Label past;
        condition(binary->left, !jumpIf, past);
        condition(binary->right, jumpIf, label);
        emit_.bind(past);
      }
      return;
    }
    if (isComparison(binary->op) && compareJump(*binary, jumpIf, label)) {
      emit_.release(mark);
      return;
    }
  }
  Reg reg = value(expr);
  emit_.jump(label, jumpIf ? Op::jumpT : Op::jumpF, reg);
  emit_.release(mark);
}

bool Lowerer::compareJump(const syntax::BinaryExpr& binary, bool jumpIf, Label& label) {
  Class kind = classOf(binary.left->type);
  if (kind == Class::string || kind == Class::other || classOf(binary.right->type) != kind) {
    return false;
  }
  BinaryOp op = binary.op;
  bool equality = op == BinaryOp::equal || op == BinaryOp::notEqual;
  if (kind == Class::real && equality) return false;
  int64_t number = 0;
  if (kind != Class::real && smallNumber(binary.right, number) != nullptr &&
      (kind == Class::integer || number >= 0)) {
    bool wanted = true;
    Op jump = Op::nop;
    switch (op) {
      case BinaryOp::equal:
      case BinaryOp::notEqual:
        jump = (op == BinaryOp::equal) == jumpIf ? Op::jumpEqN : Op::jumpNeN;
        break;
      case BinaryOp::less:
      case BinaryOp::greaterEqual: {
        bool below = (op == BinaryOp::less) == jumpIf;
        jump = kind == Class::integer ? (below ? Op::jumpLtIN : Op::jumpGeIN)
                                      : (below ? Op::jumpLtCN : Op::jumpGeCN);
        break;
      }
      default:
        // a <= n is a < n + 1 as long as that fits.
        if (number >= INT16_MAX) {
          wanted = false;
          break;
        }
        ++number;
        bool below = (op == BinaryOp::lessEqual) == jumpIf;
        jump = kind == Class::integer ? (below ? Op::jumpLtIN : Op::jumpGeIN)
                                      : (below ? Op::jumpLtCN : Op::jumpGeCN);
        break;
    }
    if (wanted) {
      Reg reg = value(binary.left);
      at(binary.at);
      emit_.jumpNumber(label, jump, reg, static_cast<uint16_t>(number));
      return true;
    }
  }
  Reg a;
  Reg b;
  operands(binary.left, binary.right, a, b);
  at(binary.at);
  if (equality) {
    emit_.jump(label, (op == BinaryOp::equal) == jumpIf ? Op::jumpEqI : Op::jumpNeI, a, b);
    return true;
  }
  if (op == BinaryOp::greater || op == BinaryOp::greaterEqual) std::swap(a, b);
  bool orEqual = op == BinaryOp::lessEqual || op == BinaryOp::greaterEqual;
  if (kind == Class::real) {
    // "Not less" is not "greater or equal" where a NaN is about.
    if (jumpIf) {
      emit_.jump(label, orEqual ? Op::jumpLeD : Op::jumpLtD, a, b);
    } else {
      emit_.jump(label, orEqual ? Op::jumpNotLeD : Op::jumpNotLtD, a, b);
    }
    return true;
  }
  if (!jumpIf) {
    // Not (a < b) is b <= a.
    std::swap(a, b);
    orEqual = !orEqual;
  }
  if (kind == Class::integer) {
    emit_.jump(label, orEqual ? Op::jumpLeI : Op::jumpLtI, a, b);
  } else {
    emit_.jump(label, orEqual ? Op::jumpLeC : Op::jumpLtC, a, b);
  }
  return true;
}

void Lowerer::memberInto(const syntax::BinaryExpr& binary, Reg target) {
  const Expr* left = binary.left;
  const Expr* right = binary.right;
  assert(left != nullptr && right != nullptr);
  const Type* in = right->type;
  if (in->isTableOrSet()) {
    const auto& table = in->asTable();
    if (const auto* list = as<syntax::ListExpr>(left)) {
      if (list->elements.size() != 1 || table.indices().size() != 1) {
        int32_t site = keySite(list->elements, table);
        Reg base = value(right);
        at(binary.at);
        emit_.emit(Op::hasN, target, base, noReg, site);
        return;
      }
      left = list->elements[0];
    }
    const Type* keyType = table.indices().empty() ? left->type : table.indices()[0];
    bool bySubnet = keyType->is(Tag::subnet) && left->type->is(Tag::addr);
    bool byPattern = keyType->is(Tag::pattern) && left->type->is(Tag::string);
    bool asIs = bySubnet || byPattern;
    Reg key = quiet(right) ? (asIs ? value(left) : valueAs(left, keyType))
                           : (asIs ? stable(left) : stableAs(left, keyType));
    Reg base = value(right);
    at(binary.at);
    emit_.emit(bySubnet ? Op::hasAddr : byPattern ? Op::hasMatch : Op::has1, target, base, key);
    return;
  }
  Reg a;
  Reg b;
  operands(left, right, a, b);
  at(binary.at);
  switch (in->tag()) {
    case Tag::string:
      emit_.emit(left->type->is(Tag::pattern) ? Op::matchIn : Op::stringIn, target, a, b);
      return;
    case Tag::subnet:
      emit_.emit(left->type->is(Tag::subnet) ? Op::subnetInSubnet : Op::addrInSubnet, target, a, b);
      return;
    case Tag::vector:
      emit_.emit(Op::vecHas, target, b, a);
      return;
    default:
      module_.error(binary.at, "\"in\" is not supported for these types");
  }
}

Reg Lowerer::spread(const Expr* operand, Reg vector) {
  const auto* coerce = as<syntax::CoerceExpr>(operand);
  Reg scalar = value(coerce->operand);
  // The element type wanted can differ from the scalar's (count beside a vector of double).
  const Type* element = coerce->type->asVector().element();
  if (!types::sameLayout(coerce->operand->type, element)) {
    Reg converted = temporary(element);
    convertInto(scalar, coerce->operand->type, element, converted);
    scalar = converted;
  }
  Reg result = emit_.temporary(true);
  emit_.emit(Op::vecSpread, result, scalar, vector, typeId(coerce->type));
  return result;
}

void Lowerer::vectorBinaryInto(const syntax::BinaryExpr& binary, Reg target) {
  auto isSpread = [](const Expr* expr) {
    const auto* coerce = as<syntax::CoerceExpr>(expr);
    return coerce != nullptr && coerce->coercion == syntax::CoerceKind::toVector;
  };
  Reg a;
  Reg b;
  if (isSpread(binary.left)) {
    b = stable(binary.right);
    a = spread(binary.left, b);
  } else {
    a = stable(binary.left);
    b = isSpread(binary.right) ? spread(binary.right, a) : value(binary.right);
  }
  at(binary.at);
  const Type* left = binary.left->type->asVector().element();
  const Type* right = binary.right->type->asVector().element();
  // Numbers of two kinds meet as the wider one.
  if (left->isNumeric() && right->isNumeric() && left != right) {
    const Type* wide = module_.types().basic(
        left->is(Tag::real) || right->is(Tag::real) ? Tag::real : Tag::integer);
    auto widen = [&](Reg reg, const Type* from) {
      if (from == wide) return reg;
      Reg result = emit_.temporary(true);
      emit_.emit(Op::vecCoerce, result, reg, noReg,
                 vectorOperation(VectorOp::convert, from, nullptr, module_.types().vector(wide)));
      return result;
    };
    a = widen(a, left);
    b = widen(b, right);
    left = right = wide;
  }
  emit_.emit(Op::vecBinary, target, a, b,
             vectorOperation(vectorOpOf(binary.op), left, right, binary.type));
}

}  // namespace bulkhead::compile
