// Where a value of one type may stand for another, and the nodes that say how.

#include "sdk/script/analysis/checker.h"

namespace bulkhead::analysis {

namespace {

bool isArithmetic(const Type* type) { return type->isNumeric(); }

}  // namespace

Expr* Checker::wrap(Expr* expr, const Type* to, CoerceKind kind) {
  auto* node = arena_.make<CoerceExpr>();
  node->kind = ExprKind::coerce;
  node->at = expr->at;
  node->caret = expr->caret;
  node->height = static_cast<uint16_t>(expr->height + 1);
  node->type = to;
  node->coercion = kind;
  node->operand = expr;
  return node;
}

Checker::Fit Checker::fit(const Type* have, const Type* wanted, CoerceKind& kind, std::string* why,
                          int depth) {
  if (have == wanted || isError(have) || isError(wanted)) return Fit::same;
  if (depth > 64) return Fit::no;
  if (wanted->is(Tag::any)) {
    kind = CoerceKind::toAny;
    return have->is(Tag::void_) ? Fit::no : Fit::coerce;
  }
  if (have->is(Tag::any)) {
    kind = CoerceKind::fromAny;
    return wanted->is(Tag::void_) ? Fit::no : Fit::coerce;
  }
  if (isArithmetic(have) && isArithmetic(wanted)) {
    // Only upwards: count to int, both to double.
    bool up = (have->is(Tag::count) && !wanted->is(Tag::count)) ||
              (have->is(Tag::integer) && wanted->is(Tag::real));
    if (!up && why != nullptr)
      *why = "a " + text(have) + " does not turn into a " + text(wanted) + " by itself";
    kind = CoerceKind::arithmetic;
    return up ? Fit::coerce : Fit::no;
  }
  if (wanted->is(Tag::record) && have->is(Tag::record)) {
    const auto& to = wanted->asRecord();
    const auto& from = have->asRecord();
    kind = CoerceKind::record;
    // However deep they are, and however often they hold the same two: one field that does not fit
    // is the answer to all, so two that were looked at once need no second look.
    if (types::sameType(have, wanted)) return Fit::coerce;
    if (depth == 0) fitted_.clear();
    if (!fitted_.emplace(have, wanted).second) return Fit::coerce;
    for (const auto& field : from.fields()) {
      if (to.offsetOf(field.name)) continue;
      if (why != nullptr) *why = "the record wanted has no field \"" + field.name + "\"";
      return Fit::no;
    }
    for (const auto& field : to.fields()) {
      auto at = from.offsetOf(field.name);
      if (!at) {
        if (field.optional || field.defaultExpr != types::noIndex || needsEmpty(field.type))
          continue;
        if (why != nullptr) *why = "the field \"" + field.name + "\" is missing";
        return Fit::no;
      }
      CoerceKind inner;
      if (fit(from.field(*at).type, field.type, inner, why, depth + 1) == Fit::no) {
        if (why != nullptr && why->empty())
          *why = "the field \"" + field.name + "\" is of type " + text(from.field(*at).type) +
                 ", not " + text(field.type);
        return Fit::no;
      }
    }
    return Fit::coerce;
  }
  if (wanted->isTableOrSet() && have->isTableOrSet()) {
    if (have->asTable().unspecified()) {
      if (wanted->tag() != have->tag() && !(have->is(Tag::table) && wanted->is(Tag::set)))
        return Fit::no;
      kind = CoerceKind::table;
      return Fit::coerce;
    }
    return types::sameType(have, wanted) ? Fit::same : Fit::no;
  }
  if (wanted->is(Tag::vector) && have->is(Tag::vector)) {
    if (have->asVector().unspecified()) {
      kind = CoerceKind::vector;
      return Fit::coerce;
    }
    return types::sameType(have, wanted) ? Fit::same : Fit::no;
  }
  if (wanted->is(Tag::function) && have->is(Tag::function)) {
    if (types::sameType(have, wanted)) return Fit::same;
    if (!types::sameType(have, wanted, types::FieldNames::ignored)) return Fit::no;
    kind = CoerceKind::function;
    return Fit::coerce;
  }
  // Zeek takes a double for a span of seconds.
  if ((wanted->is(Tag::interval) || wanted->is(Tag::time)) && have->is(Tag::real)) {
    kind = CoerceKind::arithmetic;
    return Fit::coerce;
  }
  return types::sameType(have, wanted) ? Fit::same : Fit::no;
}

// Constants know more than their types: 5 is an int, and a double.
bool Checker::literalFits(Expr*& expr, const Type* wanted) {
  auto* literal = as<LiteralExpr>(expr);
  if (literal == nullptr) return false;
  double real = 0;
  switch (literal->literal) {
    case LiteralKind::count:
      real = static_cast<double>(literal->count);
      break;
    case LiteralKind::integer:
      real = static_cast<double>(literal->integer);
      break;
    default:
      return false;
  }
  auto* made = arena_.make<LiteralExpr>(*literal);
  if (wanted->is(Tag::integer)) {
    if (literal->literal == LiteralKind::count && literal->count > static_cast<uint64_t>(INT64_MAX))
      return false;
    if (literal->literal == LiteralKind::count)
      made->integer = static_cast<int64_t>(literal->count);
    made->literal = LiteralKind::integer;
  } else if (wanted->is(Tag::count)) {
    if (literal->literal == LiteralKind::integer) {
      if (literal->integer < 0) return false;
      made->count = static_cast<uint64_t>(literal->integer);
    }
    made->literal = LiteralKind::count;
  } else if (wanted->is(Tag::real)) {
    made->literal = LiteralKind::floating;
    made->real = real;
  } else if (wanted->is(Tag::interval) && real == 0) {
    made->literal = LiteralKind::interval;
    made->real = 0;
  } else {
    return false;
  }
  made->type = wanted;
  expr = made;
  return true;
}

bool Checker::coerce(Expr*& expr, const Type* wanted) {
  const Type* have = expr->type;
  if (isError(have) || isError(wanted)) return true;
  if (have == wanted) return true;
  CoerceKind kind{};
  switch (fit(have, wanted, kind)) {
    case Fit::same:
      // Equal shapes under other names: the value is the same, the static type the wanted one.
      return true;
    case Fit::coerce:
      if (kind == CoerceKind::arithmetic && literalFits(expr, wanted)) return true;
      expr = wrap(expr, wanted, kind);
      return true;
    case Fit::no:
      break;
  }
  return literalFits(expr, wanted);
}

bool Checker::checkAs(Expr*& expr, const Type* wanted, std::string_view what) {
  const Type* have = check(expr, wanted);
  if (isError(have) || isError(wanted)) return false;
  if (coerce(expr, wanted)) return true;
  std::string why;
  CoerceKind kind{};
  fit(have, wanted, kind, &why);
  error(expr->caret.known() ? expr->caret : expr->at,
        std::string(what) + " must be of type " + text(wanted) + ", this is of type " + text(have) +
            (why.empty() ? "" : ": " + why));
  return false;
}

bool Checker::checkCondition(Expr*& expr, std::string_view what) {
  return checkAs(expr, basic(Tag::boolean), what);
}

// Of two records that were only written out, the one that has the fields of both: what one of them
// lacks is optional. Null if a field has two types.
const Type* Checker::mergedRecord(const types::RecordType& a, const types::RecordType& b) {
  types::RecordType& made = types_.makeRecord("");
  for (const auto& field : a.fields()) {
    types::Field added = field;
    if (auto at = b.offsetOf(field.name)) {
      added.type = commonType(field.type, b.field(*at).type);
      if (added.type == nullptr) return nullptr;
      added.optional = field.optional || b.field(*at).optional;
    } else {
      added.optional = true;
    }
    made.add(std::move(added));
  }
  for (const auto& field : b.fields()) {
    if (a.offsetOf(field.name)) continue;
    types::Field added = field;
    added.optional = true;
    made.add(std::move(added));
  }
  return &made;
}

// The type that both can stand for; null if there is none.
const Type* Checker::commonType(const Type* a, const Type* b) {
  if (isError(a)) return b;
  if (isError(b)) return a;
  if (types::sameType(a, b)) {
    // A value typed `any` at one side makes the whole `any`.
    if (a->is(Tag::any)) return a;
    if (b->is(Tag::any)) return b;
    return a;
  }
  CoerceKind kind{};
  if (fit(a, b, kind) != Fit::no) return b;
  if (fit(b, a, kind) != Fit::no) return a;
  if (isAnonymousRecord(a) && isAnonymousRecord(b))
    return mergedRecord(a->asRecord(), b->asRecord());
  return nullptr;
}

}  // namespace bulkhead::analysis
