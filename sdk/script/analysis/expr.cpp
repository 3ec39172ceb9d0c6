// Expressions: dispatch, names, access, assignment.

#include "sdk/script/analysis/checker.h"

namespace bulkhead::analysis {

const Type* Checker::bad(Expr* expr, Location at, std::string message) {
  error(at, std::move(message));
  expr->type = errorType();
  return expr->type;
}

const Type* Checker::check(Expr*& expr, const Type* expected) {
  if (expr == nullptr) return errorType();
  // Shared or already checked: its meaning stands.
  if (expr->type != nullptr) return expr->type;
  const Type* type = nullptr;
  switch (expr->kind) {
    case ExprKind::error:
      type = errorType();
      break;
    case ExprKind::name:
      type = checkName(expr);
      break;
    case ExprKind::literal: {
      static constexpr Tag tags[] = {Tag::boolean,  Tag::count,  Tag::integer, Tag::real,
                                     Tag::interval, Tag::string, Tag::pattern, Tag::port,
                                     Tag::addr,     Tag::subnet};
      auto* literal = as<LiteralExpr>(expr);
      type = literal->literal == LiteralKind::enumerator
                 ? expr->type
                 : basic(tags[static_cast<int>(literal->literal)]);
      break;
    }
    case ExprKind::typeValue: {
      auto* value = as<TypeValueExpr>(expr);
      if (value->value == nullptr) value->value = resolve(value->typeExpr);
      type = isError(value->value) ? errorType() : types_.typeOf(value->value);
      break;
    }
    case ExprKind::unary:
      type = checkUnary(as<UnaryExpr>(expr));
      break;
    case ExprKind::binary:
      type = checkBinary(expr);
      break;
    case ExprKind::assign:
      type = checkAssign(expr);
      break;
    case ExprKind::conditional:
      type = checkConditional(as<ConditionalExpr>(expr), expected);
      break;
    case ExprKind::index:
      type = checkIndex(expr, false);
      break;
    case ExprKind::slice:
      type = checkSlice(as<SliceExpr>(expr));
      break;
    case ExprKind::field:
    case ExprKind::hasField:
      type = checkField(as<FieldExpr>(expr));
      break;
    case ExprKind::call:
      type = checkCall(expr);
      break;
    case ExprKind::list:
      type = checkList(expr, expected);
      break;
    case ExprKind::fieldAssign: {
      auto* field = as<FieldAssignExpr>(expr);
      type = check(field->value, nullptr);
      break;
    }
    case ExprKind::recordConstructor:
    case ExprKind::tableConstructor:
    case ExprKind::setConstructor:
    case ExprKind::vectorConstructor:
      type = checkConstructor(expr, expected);
      break;
    case ExprKind::lambda:
      type = checkLambda(as<LambdaExpr>(expr), expected);
      break;
    case ExprKind::schedule:
      type = checkSchedule(as<ScheduleExpr>(expr));
      break;
    case ExprKind::copy:
      type = check(as<CopyExpr>(expr)->operand, expected);
      break;
    case ExprKind::cast:
    case ExprKind::is:
    case ExprKind::canConvert:
      type = checkCast(as<CastExpr>(expr));
      break;
    case ExprKind::add:
    case ExprKind::remove:
      type = checkElement(as<ElementExpr>(expr));
      break;
    case ExprKind::whenLocal:
      type = checkWhenLocal(as<WhenLocalExpr>(expr));
      break;
    case ExprKind::coerce:
      type = expr->type;
      break;
  }
  expr->type = type != nullptr ? type : errorType();
  return expr->type;
}

const Type* Checker::checkName(Expr*& expr) {
  auto* name = as<NameExpr>(expr);
  Symbol* symbol = lookup(name->name, name->at);
  if (symbol == nullptr) {
    unknownName(name->name, name->at);
    return errorType();
  }
  symbol->used = true;
  deprecated(*symbol, name->at);
  name->symbol = symbol;
  switch (symbol->kind) {
    case SymbolKind::type: {
      auto* value = arena_.make<TypeValueExpr>();
      value->kind = ExprKind::typeValue;
      value->at = value->caret = name->at;
      value->value = symbol->typeAsValue();
      expr = value;
      return isError(symbol->type) ? errorType() : types_.typeOf(symbol->type);
    }
    case SymbolKind::enumerator: {
      auto* value = arena_.make<LiteralExpr>();
      value->kind = ExprKind::literal;
      value->literal = LiteralKind::enumerator;
      value->at = value->caret = name->at;
      value->integer = symbol->value;
      value->text = arena_.text(symbol->name);
      value->type = symbol->type;
      expr = value;
      return symbol->type;
    }
    case SymbolKind::global:
    case SymbolKind::callable:
      if (frame_ != nullptr && frame_->when != nullptr && frame_->inCondition)
        frame_->when->globals.push_back(symbol);
      return symbol->type;
    case SymbolKind::local:
      return symbol->type;
  }
  return errorType();
}

const Type* Checker::checkUnary(UnaryExpr* expr) {
  const Type* type = check(expr->operand, nullptr);
  if (isError(type)) return errorType();
  const Type* element =
      type->is(Tag::vector) && !type->asVector().unspecified() ? type->asVector().element() : type;
  auto mismatch = [&](std::string_view what) {
    return bad(expr, expr->caret,
               std::string(what) + " does not apply to a value of type " + text(type));
  };
  switch (expr->op) {
    case UnaryOp::logicalNot:
      if (type->is(Tag::vector) && element->is(Tag::boolean)) return type;
      if (type->isNumeric() || type->is(Tag::boolean)) {
        if (!type->is(Tag::boolean)) return mismatch("!");
        return basic(Tag::boolean);
      }
      return mismatch("!");
    case UnaryOp::complement:
      return element->is(Tag::count) ? type : mismatch("~");
    case UnaryOp::negate:
    case UnaryOp::plus:
      if (element->is(Tag::count)) {
        // The sign makes an int of it.
        const Type* integer = basic(Tag::integer);
        if (type->is(Tag::vector)) return types_.vector(integer);
        coerce(expr->operand, integer);
        return integer;
      }
      if (element->is(Tag::integer) || element->is(Tag::real) || element->is(Tag::interval))
        return type;
      return mismatch(expr->op == UnaryOp::negate ? "-" : "+");
    case UnaryOp::size:
      switch (type->tag()) {
        case Tag::real:
        case Tag::time:
        case Tag::interval:
        case Tag::subnet:
        case Tag::file:
          return basic(Tag::real);
        case Tag::any:
          return type;
        case Tag::void_:
          return bad(expr, expr->caret, "nothing has no size");
        case Tag::pattern:
        case Tag::opaque:
        case Tag::type:
          return mismatch("| |");
        default:
          return basic(Tag::count);
      }
    case UnaryOp::increment:
    case UnaryOp::decrement:
      if (!assignable(expr->operand)) return errorType();
      if (element->is(Tag::count) || element->is(Tag::integer)) return type;
      return mismatch(expr->op == UnaryOp::increment ? "++" : "--");
  }
  return errorType();
}

bool Checker::assignable(Expr* target) {
  switch (target->kind) {
    case ExprKind::name: {
      auto* name = as<NameExpr>(target);
      if (name->symbol == nullptr) return true;
      if (name->symbol->kind == SymbolKind::callable) {
        if (callable(name->symbol).native >= 0) {
          error(target->at, "a builtin function cannot be assigned to");
          return false;
        }
        makeVariable(*name->symbol);
      }
      if (name->symbol->isConst || name->symbol->isOption) {
        error(target->at, "\"" + name->symbol->name + "\" is " +
                              (name->symbol->isConst ? "a constant" : "an option") +
                              " and cannot be assigned to")
            .notes.push_back({name->symbol->at, "declared here"});
        return false;
      }
      name->symbol->assigned = true;
      return true;
    }
    case ExprKind::index:
      if (auto* index = as<IndexExpr>(target);
          index->base->type != nullptr && index->base->type->is(Tag::string)) {
        error(target->at, "a character of a string cannot be assigned to");
        return false;
      }
      return true;
    case ExprKind::slice:
    case ExprKind::field:
    case ExprKind::error:
      return true;
    default:
      error(target->at, "this cannot be assigned to");
      return false;
  }
}

// The keys of a table as one value of type any, as an &expire_func of the old form gets them: a
// vector, whose elements have to be what the targets are.
void Checker::takeApart(const ListExpr& targets, Expr*& value) {
  auto converted = [&](Expr* from, const Type* to) -> Expr* {
    if (to->is(Tag::any)) return from;
    auto* made = arena_.make<CoerceExpr>();
    made->kind = ExprKind::coerce;
    made->at = made->caret = from->at;
    made->height = static_cast<uint16_t>(from->height + 1);
    made->coercion = CoerceKind::fromAny;
    made->operand = from;
    made->type = to;
    return made;
  };
  std::vector<Expr*> elements;
  for (const Expr* target : targets.elements) {
    if (isError(target->type)) return;
    auto* place = arena_.make<LiteralExpr>();
    place->kind = ExprKind::literal;
    place->at = place->caret = value->at;
    place->literal = LiteralKind::count;
    place->count = elements.size();
    place->type = basic(Tag::count);
    auto* element = arena_.make<IndexExpr>();
    element->kind = ExprKind::index;
    element->at = element->caret = value->at;
    element->base = converted(value, types_.vector(basic(Tag::any)));
    element->height = static_cast<uint16_t>(element->base->height + 1);
    std::vector<Expr*> indices{place};
    element->indices = arena_.list(indices);
    element->type = basic(Tag::any);
    elements.push_back(converted(element, target->type));
  }
  auto* made = arena_.make<ListExpr>();
  made->kind = ExprKind::list;
  made->at = made->caret = value->at;
  made->height = static_cast<uint16_t>(value->height + 4);
  made->elements = arena_.list(elements);
  made->type = basic(Tag::void_);
  value = made;
}

const Type* Checker::checkAssign(Expr*& expr) {
  auto* assign = as<AssignExpr>(expr);
  if (auto* list = as<ListExpr>(assign->target)) {
    // [a, b] = f(): element by element.
    for (Expr*& target : list->elements) {
      check(target, nullptr);
      assignable(target);
    }
    const Type* have = check(assign->value, nullptr);
    list->type = basic(Tag::void_);
    if (!isError(have) && have->is(Tag::any) && as<NameExpr>(assign->value) != nullptr)
      takeApart(*list, assign->value);
    else if (!isError(have) && !have->is(Tag::vector) && !have->is(Tag::list))
      return bad(expr, assign->caret, "only a list or a vector can be taken apart");
    return have;
  }
  const Type* target;
  if (assign->target->kind == ExprKind::index) {
    target = checkIndex(assign->target, true);
    assign->target->type = target;
  } else {
    target = check(assign->target, nullptr);
  }
  if (isError(target)) {
    check(assign->value, nullptr);
    return errorType();
  }
  if (!assignable(assign->target)) {
    check(assign->value, nullptr);
    return errorType();
  }
  if (assign->op == AssignOp::set) {
    // A container of no type yet gets the type of what it is given first.
    checkAs(assign->value, target, "the value assigned");
    return target;
  }
  bool adding = assign->op == AssignOp::add;
  std::string_view sign = adding ? "+=" : "-=";
  const Type* wanted = target;
  const Type* have;
  if (target->is(Tag::vector) && adding) {
    const auto* list = as<ListExpr>(assign->value);
    const bool elements = list != nullptr && list->braces && !list->elements.empty();
    have = check(assign->value, target->asVector().unspecified() ? nullptr
                                : elements                       ? target
                                                                 : target->asVector().element());
    if (isError(have)) return target;
    bool whole =
        have->is(Tag::vector) && !target->asVector().unspecified() &&
        ((types::sameType(have, target) && !target->asVector().element()->is(Tag::any)) ||
         (have->asVector().unspecified() && !target->asVector().element()->is(Tag::vector)));
    wanted = whole ? target : target->asVector().element();
  } else if (target->is(Tag::time)) {
    wanted = basic(Tag::interval);
    have = check(assign->value, wanted);
  } else if (target->is(Tag::table) && !adding) {
    wanted = types_.set(target->asTable().indices());
    const auto* list = as<ListExpr>(assign->value);
    const bool pairs =
        list != nullptr && !list->elements.empty() && as<AssignExpr>(list->elements[0]) != nullptr;
    have = check(assign->value, pairs ? target : wanted);
    if (!isError(have) && have->is(Tag::table)) wanted = target;
  } else {
    bool fine = target->isNumeric() || target->is(Tag::interval) || target->isTableOrSet() ||
                (adding && (target->is(Tag::string) || target->is(Tag::pattern)));
    if (target->is(Tag::vector)) {
      fine = true;
      if (const auto* list = as<ListExpr>(assign->value); list != nullptr && list->braces)
        return bad(expr, assign->caret, "a list cannot be taken from a vector");
    }
    have = check(assign->value, target);
    if (!fine)
      return bad(expr, assign->caret,
                 std::string(sign) + " does not apply to a value of type " + text(target));
  }
  if (target->is(Tag::count) && !isError(have) && have->is(Tag::integer)) return target;
  if (!isError(have) && !coerce(assign->value, wanted))
    return bad(expr, assign->caret,
               "cannot " + std::string(adding ? "add" : "take") + " a value of type " + text(have) +
                   (adding ? " to " : " from ") + "one of type " + text(target));
  return target;
}

const Type* Checker::checkConditional(ConditionalExpr* expr, const Type* expected) {
  const Type* condition = check(expr->condition, nullptr);
  // A record written out here is its own type first: both results must agree before they are
  // fitted.
  const Type* hint = expected != nullptr && expected->is(Tag::record) ? nullptr : expected;
  const Type* a = check(expr->whenTrue, hint);
  const Type* b = check(expr->whenFalse, hint);
  if (isError(a) || isError(b)) return isError(a) ? b : a;
  bool elementWise = !isError(condition) && condition->is(Tag::vector) &&
                     condition->asVector().element() != nullptr &&
                     condition->asVector().element()->is(Tag::boolean);
  if (!elementWise && !isError(condition) && !coerce(expr->condition, basic(Tag::boolean)))
    error(expr->condition->at,
          "the condition must be of type bool, this is of type " + text(condition));
  if (a->is(Tag::record) && b->is(Tag::record) && !types::sameType(a, b))
    return bad(expr, expr->caret,
               "the two results are of different types, " + text(a) + " and " + text(b));
  const Type* both = expected != nullptr && !isError(expected) ? expected : commonType(a, b);
  if (both != nullptr && coerce(expr->whenTrue, both) && coerce(expr->whenFalse, both)) return both;
  both = commonType(a, b);
  if (both == nullptr || !coerce(expr->whenTrue, both) || !coerce(expr->whenFalse, both))
    return bad(expr, expr->caret,
               "the two results are of different types, " + text(a) + " and " + text(b));
  return both;
}

bool Checker::checkKeys(Expr* at, std::span<Expr*>& keys, const types::TableType& table,
                        KeyUse use) {
  const auto& indices = table.indices();
  if (table.unspecified()) {
    for (Expr*& key : keys) check(key, nullptr);
    return true;
  }
  if (keys.size() != indices.size()) {
    for (Expr*& key : keys) check(key, nullptr);
    error(at->caret.known() ? at->caret : at->at, "this needs " + std::to_string(indices.size()) +
                                                      " keys for a " + text(&table) +
                                                      ", here are " + std::to_string(keys.size()));
    return false;
  }
  bool good = true;
  for (size_t i = 0; i < keys.size(); ++i) {
    const Type* wanted = indices[i];
    const Type* have = check(keys[i], wanted);
    if (isError(have)) {
      good = false;
      continue;
    }
    if (indices.size() == 1 && wanted->is(Tag::subnet) && have->is(Tag::addr)) continue;
    if (indices.size() == 1 && wanted->is(Tag::pattern) && have->is(Tag::string)) continue;
    // At one place of several a set stands for each of its elements.
    if (use == KeyUse::constructor && indices.size() > 1 && have->is(Tag::set) &&
        have->asTable().indices().size() == 1 && !wanted->is(Tag::set) &&
        types::sameType(have->asTable().indices()[0], wanted)) {
      const auto* name = as<NameExpr>(keys[i]);
      if (name != nullptr && name->symbol->kind == SymbolKind::global) continue;
      error(keys[i]->at, "only a global set can stand for its elements in a key");
      good = false;
      continue;
    }
    if (!coerce(keys[i], wanted)) {
      error(keys[i]->at, std::string(use == KeyUse::in ? "the value looked for" : "the index") +
                             " must be of type " + text(wanted) + ", this is of type " +
                             text(have));
      good = false;
    }
  }
  return good;
}

const Type* Checker::checkIndex(Expr*& expr, bool forWrite) {
  auto* index = as<IndexExpr>(expr);
  const Type* base = check(index->base, nullptr);
  if (isError(base)) {
    for (Expr*& each : index->indices) check(each, nullptr);
    return errorType();
  }
  if (base->isTableOrSet()) {
    const auto& table = base->asTable();
    if (!checkKeys(index, index->indices, table, KeyUse::index)) return errorType();
    if (table.value() == nullptr) return table.unspecified() ? errorType() : basic(Tag::void_);
    if (!forWrite && table.indices().size() == 1 && table.indices()[0]->is(Tag::pattern) &&
        index->indices[0]->type->is(Tag::string))
      return types_.vector(table.value());
    return table.value();
  }
  if (index->indices.size() != 1) {
    for (Expr*& each : index->indices) check(each, nullptr);
    return bad(expr, index->caret, "a value of type " + text(base) + " takes one index");
  }
  const Type* at = check(index->indices[0], nullptr);
  if (isError(at)) return errorType();
  if (base->is(Tag::vector)) {
    if (base->asVector().unspecified()) return errorType();
    if (at->is(Tag::vector) && !at->asVector().unspecified()) {
      const Type* by = at->asVector().element();
      if (by->is(Tag::boolean) || by->is(Tag::count) || by->is(Tag::integer)) return base;
    }
    if (at->is(Tag::count) || at->is(Tag::integer)) return base->asVector().element();
    return bad(expr, index->caret, "a vector's index is a number, this is of type " + text(at));
  }
  if (base->is(Tag::string)) {
    if (!coerce(index->indices[0], basic(Tag::integer)))
      return bad(expr, index->caret, "a string's index is a number, this is of type " + text(at));
    return base;
  }
  return bad(expr, index->caret, "a value of type " + text(base) + " has no elements");
}

const Type* Checker::checkSlice(SliceExpr* expr) {
  const Type* base = check(expr->base, nullptr);
  for (Expr** end : {&expr->low, &expr->high}) {
    if (*end == nullptr) continue;
    const Type* type = check(*end, nullptr);
    if (!isError(type) && !coerce(*end, basic(Tag::integer)))
      error((*end)->at, "the end of a slice is a number, this is of type " + text(type));
  }
  if (isError(base)) return errorType();
  if (base->is(Tag::string) || base->is(Tag::vector)) return base;
  return bad(expr, expr->caret, "a value of type " + text(base) + " has no slices");
}

const Type* Checker::checkField(FieldExpr* expr) {
  const Type* base = check(expr->base, nullptr);
  if (isError(base)) return errorType();
  if (!base->is(Tag::record))
    return bad(expr, expr->caret, "a value of type " + text(base) + " has no fields");
  const auto& record = base->asRecord();
  auto offset = record.offsetOf(expr->name);
  if (!offset) {
    source::NearestName nearest(expr->name);
    if (maySuggest(record.fields().size()))
      for (const auto& field : record.fields()) nearest.offer(field.name);
    error(expr->caret, "the record " + (record.name().empty() ? text(base) : record.name()) +
                           " has no field \"" + std::string(expr->name) + "\"" +
                           nearest.suggestion())
        .missing = record.name() + "$" + std::string(expr->name);
    return errorType();
  }
  expr->fieldIndex = static_cast<int>(*offset);
  const auto& field = record.field(*offset);
  deprecated(field, expr->caret);
  return expr->kind == ExprKind::hasField ? basic(Tag::boolean) : field.type;
}

const Type* Checker::checkElement(ElementExpr* expr) {
  bool adds = expr->kind == ExprKind::add;
  if (expr->operand->kind == ExprKind::index) {
    auto* index = as<IndexExpr>(expr->operand);
    const Type* base = check(index->base, nullptr);
    if (isError(base)) {
      for (Expr*& each : index->indices) check(each, nullptr);
      return basic(Tag::void_);
    }
    if (!base->isTableOrSet() || (adds && !base->is(Tag::set)))
      return bad(expr, expr->at,
                 std::string(adds ? "add needs an element of a set"
                                  : "delete needs an element of a table or set") +
                     ", this is one of a " + text(base));
    checkKeys(index, index->indices, base->asTable(), KeyUse::index);
    index->type =
        base->asTable().value() != nullptr ? base->asTable().value() : basic(Tag::boolean);
    return basic(Tag::void_);
  }
  const Type* type = check(expr->operand, nullptr);
  if (isError(type)) return basic(Tag::void_);
  if (!adds && expr->operand->kind == ExprKind::field) {
    auto* field = as<FieldExpr>(expr->operand);
    const auto& declared =
        field->base->type->asRecord().field(static_cast<uint32_t>(field->fieldIndex));
    if (!declared.optional && declared.defaultExpr == types::noIndex &&
        declared.attributes == types::noIndex)
      error(expr->at, "the field \"" + declared.name +
                          "\" is neither &optional nor has it a &default: it cannot be deleted");
    return basic(Tag::void_);
  }
  if (!adds && (type->isTableOrSet() || type->is(Tag::vector))) return basic(Tag::void_);
  return bad(expr, expr->at,
             adds ? "add needs an element of a set: add s[x]"
                  : "delete needs an element, a field or a whole table, set or vector");
}

const Type* Checker::checkCast(CastExpr* expr) {
  const Type* have = check(expr->operand, nullptr);
  expr->target = resolve(expr->typeExpr);
  if (expr->kind != ExprKind::cast) return basic(Tag::boolean);
  if (isError(have) || isError(expr->target)) return expr->target;
  CoerceKind kind{};
  if (!have->is(Tag::any) && !types::castable(have, expr->target) &&
      fit(have, expr->target, kind) == Fit::no && !types::isBrokerData(have))
    return bad(expr, expr->caret,
               "a value of type " + text(have) + " is never a " + text(expr->target));
  return expr->target;
}

const Type* Checker::checkSchedule(ScheduleExpr* expr) {
  checkAs(expr->delay, basic(Tag::interval), "the delay of a schedule");
  checkEventCall(expr->event);
  return basic(Tag::void_);
}

const Type* Checker::checkWhenLocal(WhenLocalExpr* expr) {
  const Type* type = check(expr->value, nullptr);
  expr->symbol = declareLocal(expr->name, type, expr->at);
  expr->symbol->assigned = true;
  return basic(Tag::boolean);
}

}  // namespace bulkhead::analysis
