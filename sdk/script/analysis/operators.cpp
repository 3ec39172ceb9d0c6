// Binary operators.

#include "sdk/script/analysis/checker.h"

#include <utility>

namespace bulkhead::analysis {

namespace {

std::string_view operatorText(BinaryOp op) {
  static constexpr std::string_view texts[] = {
      "+",  "-",  "*",  "/", "%",  "&", "|",  "^",  "<<",  ">>", "&&",
      "||", "==", "!=", "<", "<=", ">", ">=", "in", "!in", "/"};
  return texts[static_cast<size_t>(op)];
}

bool isVectorOfSomething(const Type* type) {
  return type->is(Tag::vector) && !type->asVector().unspecified();
}

bool isComparison(BinaryOp op) { return op >= BinaryOp::equal && op <= BinaryOp::greaterEqual; }

}  // namespace

const Type* Checker::operatorMismatch(BinaryExpr* expr, const Type* left, const Type* right) {
  return bad(expr, expr->caret,
             std::string(operatorText(expr->op)) + " does not apply to values of type " +
                 text(left) + " and " + text(right));
}

const Type* Checker::checkIn(BinaryExpr* expr) {
  const Type* container = check(expr->right, nullptr);
  if (isError(container)) {
    check(expr->left, nullptr);
    return basic(Tag::boolean);
  }
  if (container->isTableOrSet()) {
    const auto& table = container->asTable();
    if (auto* list = as<ListExpr>(expr->left)) {
      // A list of one record index is the record written out; else the keys.
      if (!table.unspecified() && list->elements.size() != table.indices().size() &&
          table.indices().size() == 1) {
        const Type* have = check(expr->left, table.indices()[0]);
        if (!isError(have) && !coerce(expr->left, table.indices()[0]))
          return operatorMismatch(expr, have, container);
        return basic(Tag::boolean);
      }
      checkKeys(expr, list->elements, table, KeyUse::in);
      list->type = basic(Tag::void_);
      return basic(Tag::boolean);
    }
    Expr* one[] = {expr->left};
    std::span<Expr*> keys(one);
    if (!table.unspecified() && table.indices().size() > 1) {
      const Type* have = check(expr->left, nullptr);
      if (isError(have)) return basic(Tag::boolean);
      return operatorMismatch(expr, have, container);
    }
    checkKeys(expr, keys, table, KeyUse::in);
    expr->left = one[0];
    return basic(Tag::boolean);
  }
  const Type* element = check(expr->left, nullptr);
  if (isError(element)) return basic(Tag::boolean);
  if (container->is(Tag::string) && (element->is(Tag::string) || element->is(Tag::pattern)))
    return basic(Tag::boolean);
  if (container->is(Tag::subnet) && (element->is(Tag::addr) || element->is(Tag::subnet)))
    return basic(Tag::boolean);
  if (container->is(Tag::vector)) {
    // Zeek asks whether the index exists.
    if (element->is(Tag::count) ||
        (element->is(Tag::integer) && coerce(expr->left, basic(Tag::count))))
      return basic(Tag::boolean);
    return operatorMismatch(expr, element, container);
  }
  if (container->is(Tag::addr) && element->is(Tag::addr))
    return operatorMismatch(expr, element, container);
  return operatorMismatch(expr, element, container);
}

const Type* Checker::setOperation(BinaryExpr* expr, const Type* left, const Type* right) {
  const Type* whole = left->asTable().unspecified() ? right : left;
  if (!coerce(expr->left, whole) || !coerce(expr->right, whole))
    return operatorMismatch(expr, left, right);
  switch (expr->op) {
    case BinaryOp::bitAnd:
    case BinaryOp::bitOr:
    case BinaryOp::subtract:
      return whole;
    case BinaryOp::equal:
    case BinaryOp::notEqual:
    case BinaryOp::less:
    case BinaryOp::lessEqual:
      return basic(Tag::boolean);
    case BinaryOp::greater:
    case BinaryOp::greaterEqual:
      std::swap(expr->left, expr->right);
      expr->op = expr->op == BinaryOp::greater ? BinaryOp::less : BinaryOp::lessEqual;
      return basic(Tag::boolean);
    default:
      return operatorMismatch(expr, left, right);
  }
}

const Type* Checker::arithmetic(BinaryExpr* expr, const Type* left, const Type* right) {
  auto both = [&](Tag a, Tag b) { return left->is(a) && right->is(b); };
  BinaryOp op = expr->op;
  switch (op) {
    case BinaryOp::add:
      if (both(Tag::string, Tag::string)) return left;
      if (both(Tag::interval, Tag::interval)) return left;
      if (both(Tag::time, Tag::interval)) return left;
      if (both(Tag::interval, Tag::time)) return right;
      break;
    case BinaryOp::subtract:
      if (both(Tag::time, Tag::time)) return basic(Tag::interval);
      if (both(Tag::time, Tag::interval)) return left;
      if (both(Tag::interval, Tag::interval)) return left;
      break;
    case BinaryOp::multiply:
      if (left->is(Tag::interval) && right->isNumeric())
        return coerce(expr->right, basic(Tag::real)) ? left : nullptr;
      if (right->is(Tag::interval) && left->isNumeric())
        return coerce(expr->left, basic(Tag::real)) ? right : nullptr;
      break;
    case BinaryOp::divide:
      if (both(Tag::interval, Tag::interval)) return basic(Tag::real);
      if (right->is(Tag::interval) && left->isNumeric())
        return coerce(expr->left, basic(Tag::real)) ? right : nullptr;
      if (left->is(Tag::interval) && right->isNumeric())
        return coerce(expr->right, basic(Tag::real)) ? left : nullptr;
      if (left->is(Tag::addr) && right->isNumeric()) {
        expr->op = BinaryOp::mask;
        return coerce(expr->right, basic(Tag::count)) ? basic(Tag::subnet)
                                                      : operatorMismatch(expr, left, right);
      }
      if (left->is(Tag::subnet) && right->isNumeric()) {
        expr->op = BinaryOp::mask;
        return coerce(expr->right, basic(Tag::count)) ? basic(Tag::subnet)
                                                      : operatorMismatch(expr, left, right);
      }
      break;
    case BinaryOp::bitAnd:
    case BinaryOp::bitOr:
      if (both(Tag::pattern, Tag::pattern)) return left;
      break;
    default:
      break;
  }
  if (!left->isNumeric() || !right->isNumeric()) return nullptr;
  const Type* common = left;
  if (!left->is(right->tag())) {
    if (left->is(Tag::real) || right->is(Tag::real))
      common = basic(Tag::real);
    else
      common = basic(Tag::integer);
    // A constant takes the other's type where it can: x - 1 stays a count.
    if (!common->is(Tag::real) && as<LiteralExpr>(expr->right) != nullptr && left->is(Tag::count) &&
        literalFits(expr->right, left))
      common = left;
    else if (!common->is(Tag::real) && as<LiteralExpr>(expr->left) != nullptr &&
             right->is(Tag::count) && literalFits(expr->left, right))
      common = right;
  }
  bool bits = op == BinaryOp::bitAnd || op == BinaryOp::bitOr || op == BinaryOp::bitXor;
  bool shift = op == BinaryOp::shiftLeft || op == BinaryOp::shiftRight;
  if (bits && !common->is(Tag::count)) return nullptr;
  if (shift) {
    if (left->is(Tag::real) || right->is(Tag::real)) return nullptr;
    if (!left->is(right->tag())) {
      // The amount is a count; what is shifted keeps its type.
      if (!coerce(expr->right, left)) return nullptr;
    }
    return left;
  }
  if (op == BinaryOp::modulo && common->is(Tag::real)) return nullptr;
  if (!coerce(expr->left, common) || !coerce(expr->right, common)) return nullptr;
  return common;
}

const Type* Checker::comparison(BinaryExpr* expr, const Type* left, const Type* right) {
  const Type* result = basic(Tag::boolean);
  bool equality = expr->op == BinaryOp::equal || expr->op == BinaryOp::notEqual;
  if (left->isNumeric() && right->isNumeric()) {
    const Type* common = left;
    if (!left->is(right->tag())) {
      common = left->is(Tag::real) || right->is(Tag::real) ? basic(Tag::real) : basic(Tag::integer);
      if (!common->is(Tag::real) && as<LiteralExpr>(expr->right) != nullptr &&
          literalFits(expr->right, left))
        common = left;
      else if (!common->is(Tag::real) && as<LiteralExpr>(expr->left) != nullptr &&
               literalFits(expr->left, right))
        common = right;
    }
    if (!coerce(expr->left, common) || !coerce(expr->right, common))
      return operatorMismatch(expr, left, right);
    return result;
  }
  if (equality && ((left->is(Tag::pattern) && right->is(Tag::string)) ||
                   (left->is(Tag::string) && right->is(Tag::pattern))))
    return result;
  if (left->isTableOrSet() && right->isTableOrSet()) return setOperation(expr, left, right);
  if (equality && (left->is(Tag::any) || right->is(Tag::any))) {
    const Type* other = left->is(Tag::any) ? right : left;
    if (!coerce(expr->left, other) || !coerce(expr->right, other))
      return operatorMismatch(expr, left, right);
    return result;
  }
  // Zero, and doubles, stand for spans of time.
  if (left->is(Tag::interval) && right->isNumeric() &&
      (right->is(Tag::real) ? coerce(expr->right, left) : literalFits(expr->right, left)))
    return result;
  if (right->is(Tag::interval) && left->isNumeric() &&
      (left->is(Tag::real) ? coerce(expr->left, right) : literalFits(expr->left, right)))
    return result;
  if (!left->is(right->tag())) return operatorMismatch(expr, left, right);
  switch (left->tag()) {
    case Tag::string:
    case Tag::time:
    case Tag::interval:
    case Tag::port:
    case Tag::addr:
      return result;
    case Tag::boolean:
    case Tag::pattern:
    case Tag::subnet:
    case Tag::function:
    case Tag::opaque:
    case Tag::file:
    case Tag::type:
      return equality ? result : operatorMismatch(expr, left, right);
    case Tag::enumeration:
      if (!equality) return operatorMismatch(expr, left, right);
      if (!types::sameType(left, right))
        diagnostics_.warning(expr->caret, "values of the enums " + text(left) + " and " +
                                              text(right) + " are compared by number; deprecated");
      return result;
    case Tag::record:
    case Tag::vector:
      if (!equality) return operatorMismatch(expr, left, right);
      if (!coerce(expr->right, left) && !coerce(expr->left, right))
        return operatorMismatch(expr, left, right);
      return result;
    default:
      return operatorMismatch(expr, left, right);
  }
}

const Type* Checker::checkBinary(Expr*& expression) {
  auto* expr = as<BinaryExpr>(expression);
  if (expr->op == BinaryOp::in || expr->op == BinaryOp::notIn) return checkIn(expr);
  const Type* left = check(expr->left, nullptr);
  const Type* right = check(expr->right, isError(left) ? nullptr : left);
  if (isError(left) || isError(right)) {
    return isComparison(expr->op) || expr->op == BinaryOp::logicalAnd ||
                   expr->op == BinaryOp::logicalOr
               ? basic(Tag::boolean)
               : errorType();
  }
  if (left->is(Tag::void_) || right->is(Tag::void_)) return operatorMismatch(expr, left, right);

  if (expr->op == BinaryOp::logicalAnd || expr->op == BinaryOp::logicalOr) {
    if (isVectorOfSomething(left) && isVectorOfSomething(right)) return left;
    if (!coerce(expr->left, basic(Tag::boolean)) || !coerce(expr->right, basic(Tag::boolean)))
      return operatorMismatch(expr, left, right);
    return basic(Tag::boolean);
  }
  // Vectors element by element, beside a scalar too.
  if (isVectorOfSomething(left) || isVectorOfSomething(right)) {
    bool bothVectors = isVectorOfSomething(left) && isVectorOfSomething(right);
    const Type* a = isVectorOfSomething(left) ? left->asVector().element() : left;
    const Type* b = isVectorOfSomething(right) ? right->asVector().element() : right;
    bool scalarKinds =
        !a->is(Tag::any) && !b->is(Tag::any) && !a->is(Tag::vector) && !b->is(Tag::vector);
    if (scalarKinds && (bothVectors || isComparison(expr->op) || a->isNumeric() ||
                        a->is(Tag::string) || a->is(Tag::interval))) {
      // The element types settle what happens; the nodes stay as they are.
      BinaryExpr probe = *expr;
      auto element = [&](const Type* type) {
        auto* stand = arena_.make<NameExpr>();
        stand->kind = ExprKind::name;
        stand->at = stand->caret = expr->at;
        stand->type = type;
        return stand;
      };
      probe.left = element(a);
      probe.right = element(b);
      const Type* result =
          isComparison(expr->op) ? comparison(&probe, a, b) : arithmetic(&probe, a, b);
      if (result == nullptr || isError(result)) return operatorMismatch(expr, left, right);
      if (!isVectorOfSomething(left)) {
        if (a->isNumeric() && b->isNumeric()) coerce(expr->left, b);
        expr->left = wrap(expr->left, types_.vector(expr->left->type), CoerceKind::toVector);
      }
      if (!isVectorOfSomething(right)) {
        if (a->isNumeric() && b->isNumeric()) coerce(expr->right, a);
        expr->right = wrap(expr->right, types_.vector(expr->right->type), CoerceKind::toVector);
      }
      return types_.vector(result);
    }
  }
  if (isComparison(expr->op)) return comparison(expr, left, right);
  if (left->isTableOrSet() && right->isTableOrSet()) return setOperation(expr, left, right);
  const Type* result = arithmetic(expr, left, right);
  return result != nullptr ? result : operatorMismatch(expr, left, right);
}

}  // namespace bulkhead::analysis
