// Constructors of records, tables, sets and vectors, lists that stand for them, and lambdas.

#include "sdk/script/analysis/checker.h"

#include <algorithm>

namespace bulkhead::analysis {

namespace {

// All ways to take one element of each list: {a, b} at one place of a key means either, and so does
// [a, b] at one place of several, unless that is a record.
void combine(Arena& arena, const types::TableType& type, std::span<Expr* const> keys, size_t at,
             std::vector<Expr*>& chosen, std::vector<std::vector<Expr*>>& out) {
  if (out.size() > kMaxCombinations) return;
  if (at == keys.size()) {
    out.push_back(chosen);
    return;
  }
  auto* list = as<ListExpr>(keys[at]);
  bool either = list != nullptr &&
                (list->braces || (keys.size() > 1 && keys.size() == type.indices().size() &&
                                  !type.indices()[at]->is(Tag::record)));
  if (!either) {
    chosen.push_back(keys[at]);
    combine(arena, type, keys, at + 1, chosen, out);
    chosen.pop_back();
    return;
  }
  for (Expr* each : list->elements) {
    chosen.push_back(each);
    combine(arena, type, keys, at + 1, chosen, out);
    chosen.pop_back();
  }
}

}  // namespace

// `local x = [1, 2]` is a set, `local x = []` a record without fields.
void Checker::shapeUntyped(Expr*& value) {
  auto* list = as<ListExpr>(value);
  if (list == nullptr || list->braces) return;
  bool record = list->elements.empty() || as<FieldAssignExpr>(list->elements[0]) != nullptr;
  auto* made = arena_.make<ConstructorExpr>();
  made->kind = record ? ExprKind::recordConstructor : ExprKind::setConstructor;
  made->at = list->at;
  made->caret = list->caret;
  made->height = list->height;
  made->elements = list->elements;
  value = made;
}

// A list takes the shape that its context wants.
const Type* Checker::checkList(Expr*& expr, const Type* expected) {
  auto* list = as<ListExpr>(expr);
  if (expected != nullptr && !isError(expected)) {
    ExprKind kind = ExprKind::error;
    if (expected->is(Tag::table))
      kind = ExprKind::tableConstructor;
    else if (expected->is(Tag::set))
      kind = ExprKind::setConstructor;
    else if (expected->is(Tag::vector))
      kind = ExprKind::vectorConstructor;
    else if (expected->is(Tag::record))
      kind = ExprKind::recordConstructor;
    if (kind != ExprKind::error) {
      auto* made = arena_.make<ConstructorExpr>();
      made->kind = kind;
      made->at = list->at;
      made->caret = list->caret;
      made->height = list->height;
      made->elements = list->elements;
      expr = made;
      return checkConstructor(expr, expected);
    }
    if (list->elements.size() == 1) {
      // (x) written as a list of one.
      expr = list->elements[0];
      return check(expr, expected);
    }
  }
  if (list->braces && !list->elements.empty()) {
    // Without a type from around, braces make a table if they hold `[key] = value`, else a set.
    auto* made = arena_.make<ConstructorExpr>();
    made->kind = as<AssignExpr>(list->elements[0]) != nullptr ? ExprKind::tableConstructor
                                                              : ExprKind::setConstructor;
    made->at = list->at;
    made->caret = list->caret;
    made->height = list->height;
    made->elements = list->elements;
    expr = made;
    return checkConstructor(expr, nullptr);
  }
  std::vector<const Type*> elements;
  for (Expr*& each : list->elements) elements.push_back(check(each, nullptr));
  return types_.list(std::move(elements));
}

const Type* Checker::checkConstructor(Expr*& self, const Type* expected) {
  auto* expr = as<ConstructorExpr>(self);
  // Attributes of a constructor in an expression say how its elements default and expire.
  const Type* type = nullptr;
  switch (expr->kind) {
    case ExprKind::recordConstructor:
      type = checkRecord(
          expr, expected != nullptr && expected->is(Tag::record) ? &expected->asRecord() : nullptr);
      break;
    case ExprKind::tableConstructor:
      type = checkTable(expr, expected);
      break;
    case ExprKind::setConstructor:
      type = checkSet(self, expected);
      break;
    case ExprKind::vectorConstructor:
      type = checkVector(expr, expected);
      break;
    default:
      return errorType();
  }
  if (!isError(type))
    for (Attribute* attribute : expr->attributes)
      if (attribute->value != nullptr) {
        AttributeSet scratch;
        applyAttribute(scratch, attribute, type);
        if (attribute->kind == AttributeKind::defaultValue && scratch.defaultValue != nullptr)
          attribute->value = scratch.defaultValue;
      }
  return type;
}

const Type* Checker::checkRecord(ConstructorExpr* expr, const types::RecordType* expected) {
  if (expected == nullptr) {
    types::RecordType& made = types_.makeRecord("");
    for (Expr*& element : expr->elements) {
      auto* field = as<FieldAssignExpr>(element);
      if (field == nullptr)
        return bad(expr, element->at, "a record is made of fields: $name=value");
      types::Field added;
      added.name = std::string(field->name);
      added.type = check(field->value, nullptr);
      added.origin = originAt(field->at);
      field->type = added.type;
      if (!made.add(added)) error(field->at, "the field \"" + added.name + "\" is given twice");
      field->fieldIndex = static_cast<int>(made.fields().size() - 1);
    }
    return &made;
  }
  std::vector<bool> given(expected->fields().size(), false);
  bool good = true;
  for (Expr*& element : expr->elements) {
    auto* field = as<FieldAssignExpr>(element);
    if (field == nullptr) {
      check(element, nullptr);
      return bad(expr, element->at, "a record is made of fields: $name=value");
    }
    auto offset = expected->offsetOf(field->name);
    if (!offset) {
      source::NearestName nearest(field->name);
      if (maySuggest(expected->fields().size()))
        for (const auto& known : expected->fields()) nearest.offer(known.name);
      error(field->at, "the record " + text(expected) + " has no field \"" +
                           std::string(field->name) + "\"" + nearest.suggestion())
          .missing = expected->name() + "$" + std::string(field->name);
      check(field->value, nullptr);
      field->type = errorType();
      good = false;
      continue;
    }
    if (given[*offset])
      error(field->at, "the field \"" + std::string(field->name) + "\" is given twice");
    given[*offset] = true;
    field->fieldIndex = static_cast<int>(*offset);
    deprecated(expected->field(*offset), field->at);
    const Type* wanted = expected->field(*offset).type;
    checkAs(field->value, wanted, "the field \"" + std::string(field->name) + "\"");
    field->type = wanted;
  }
  if (good) {
    std::string missing;
    for (size_t i = 0; i < given.size(); ++i) {
      const auto& field = expected->field(static_cast<uint32_t>(i));
      if (given[i] || field.optional || field.defaultExpr != types::noIndex ||
          isError(field.type) || needsEmpty(field.type))
        continue;
      missing += (missing.empty() ? "\"" : ", \"") + field.name + "\"";
    }
    if (!missing.empty()) error(expr->at, "the record " + text(expected) + " needs " + missing);
  }
  return expected;
}

const Type* Checker::checkTable(ConstructorExpr* expr, const Type* expected) {
  const types::TableType* type =
      expected != nullptr && expected->is(Tag::table) && !expected->asTable().unspecified()
          ? &expected->asTable()
          : nullptr;
  if (expected != nullptr && expected->is(Tag::set) && expr->elements.empty()) return expected;
  if (expr->elements.empty()) return type != nullptr ? type : types_.unspecifiedTable();
  // Without a type from around, the first element says.
  if (type == nullptr) {
    auto* first = as<AssignExpr>(expr->elements[0]);
    if (first == nullptr) {
      check(expr->elements[0], nullptr);
      return bad(expr, expr->elements[0]->at, "an element of a table is written [key] = value");
    }
    std::vector<const Type*> indices;
    auto* keys = as<ListExpr>(first->target);
    if (keys == nullptr)
      return bad(expr, expr->at,
                 "the keys of a table whose type is not declared stand in brackets");
    if (keys != nullptr) {
      for (Expr*& key : keys->elements) indices.push_back(check(key, nullptr));
    } else {
      indices.push_back(check(first->target, nullptr));
    }
    const Type* value = check(first->value, nullptr);
    for (const Type* index : indices)
      if (isError(index) || index->is(Tag::list)) return errorType();
    if (isError(value)) return errorType();
    for (size_t i = 1; i < expr->elements.size(); ++i)
      if (auto* other = as<AssignExpr>(expr->elements[i])) {
        const Type* next = check(other->value, isAnonymousRecord(value) ? nullptr : value);
        if (!isError(next))
          if (const Type* both = commonType(value, next)) value = both;
      }
    type = types_.table(std::move(indices), value);
  }
  std::vector<Expr*> elements;
  for (Expr* element : expr->elements) {
    auto* assign = as<AssignExpr>(element);
    if (assign == nullptr || assign->op != AssignOp::set) {
      check(element, nullptr);
      error(element->at, "an element of a table is written [key] = value");
      continue;
    }
    auto* list = as<ListExpr>(assign->target);
    std::vector<Expr*> keys;
    if (list != nullptr && !list->braces)
      keys.assign(list->elements.begin(), list->elements.end());
    else
      keys.push_back(assign->target);
    if (type->indices().size() == 1 && type->indices()[0]->is(Tag::record) && keys.size() > 1)
      keys = {assign->target};
    // [[a, b]] = x says the same as [a] = x, [b] = x.
    if (type->indices().size() == 1 && !type->indices()[0]->is(Tag::record) && keys.size() == 1)
      if (auto* either = as<ListExpr>(keys[0]); either != nullptr && !either->elements.empty() &&
                                                as<FieldAssignExpr>(either->elements[0]) == nullptr)
        either->braces = true;
    std::vector<std::vector<Expr*>> all;
    std::vector<Expr*> chosen;
    combine(arena_, *type, keys, 0, chosen, all);
    if (all.size() > kMaxCombinations) {
      error(element->at,
            "this key stands for more than " + std::to_string(kMaxCombinations) + " combinations");
      continue;
    }
    bool first = true;
    for (auto& combination : all) {
      std::span<Expr*> span = arena_.list(combination);
      if (!checkKeys(assign, span, *type, KeyUse::constructor)) break;
      auto* made = arena_.make<AssignExpr>(*assign);
      auto* keyList = arena_.make<ListExpr>();
      keyList->kind = ExprKind::list;
      keyList->at = keyList->caret = assign->target->at;
      keyList->elements = span;
      keyList->type = basic(Tag::void_);
      made->target = keyList;
      if (first && !checkAs(assign->value, type->value(), "the value of this element")) break;
      first = false;
      made->value = assign->value;
      made->type = type->value();
      elements.push_back(made);
    }
  }
  expr->elements = arena_.list(elements);
  return type;
}

const Type* Checker::checkSet(Expr*& self, const Type* expected) {
  auto* expr = as<ConstructorExpr>(self);
  const types::TableType* type =
      expected != nullptr && expected->is(Tag::set) && !expected->asTable().unspecified()
          ? &expected->asTable()
          : nullptr;
  if (expr->elements.empty()) {
    if (type != nullptr) return type;
    return types_.set({});
  }
  if (type == nullptr) {
    std::vector<const Type*> indices;
    auto* keys = as<ListExpr>(expr->elements[0]);
    if (keys != nullptr && !keys->braces) {
      for (Expr*& key : keys->elements) indices.push_back(check(key, nullptr));
    } else {
      const Type* first = check(expr->elements[0], nullptr);
      for (size_t i = 1; i < expr->elements.size(); ++i) {
        const Type* next = check(expr->elements[i], first);
        if (!isError(next) && !isError(first))
          if (const Type* both = commonType(first, next)) first = both;
      }
      indices.push_back(first);
    }
    for (const Type* index : indices) {
      if (isOfNoType(index))
        return bad(expr, expr->at, "what this holds does not follow from an empty one");
      if (isError(index) || index->is(Tag::list)) return errorType();
    }
    type = types_.set(std::move(indices));
  }
  std::vector<Expr*> elements;
  std::vector<Expr*> wholes;
  for (Expr* element : expr->elements) {
    auto* list = as<ListExpr>(element);
    std::vector<Expr*> keys;
    if (list != nullptr && !list->braces &&
        !(type->indices().size() == 1 && list->elements.size() != 1))
      keys.assign(list->elements.begin(), list->elements.end());
    else
      keys.push_back(element);
    std::vector<std::vector<Expr*>> all;
    std::vector<Expr*> chosen;
    combine(arena_, *type, keys, 0, chosen, all);
    if (all.size() > kMaxCombinations) {
      error(element->at,
            "this key stands for more than " + std::to_string(kMaxCombinations) + " combinations");
      continue;
    }
    for (auto& combination : all) {
      // A set among the elements of a set of its own kind gives its elements.
      if (combination.size() == 1 && combination[0]->kind != ExprKind::list) {
        const Type* have =
            check(combination[0], type->indices().size() == 1 ? type->indices()[0] : nullptr);
        if (!isError(have) && have->is(Tag::set) && types::sameType(have, type)) {
          wholes.push_back(combination[0]);
          continue;
        }
      }
      std::span<Expr*> span = arena_.list(combination);
      if (!checkKeys(element, span, *type, KeyUse::constructor)) continue;
      auto* keyList = arena_.make<ListExpr>();
      keyList->kind = ExprKind::list;
      keyList->at = keyList->caret = element->at;
      keyList->elements = span;
      keyList->type = basic(Tag::void_);
      elements.push_back(keyList);
    }
  }
  expr->elements = arena_.list(elements);
  if (wholes.empty()) return type;
  // {a_set, x}: the union of a_set with the elements written out.
  expr->type = type;
  Expr* all = expr;
  for (Expr* whole : wholes) {
    auto* either = arena_.make<BinaryExpr>();
    either->kind = ExprKind::binary;
    either->op = BinaryOp::bitOr;
    either->at = either->caret = expr->at;
    either->height = static_cast<uint16_t>(std::max(all->height, whole->height) + 1);
    either->left = all;
    either->right = whole;
    either->type = type;
    all = either;
  }
  self = all;
  return type;
}

const Type* Checker::checkVector(ConstructorExpr* expr, const Type* expected) {
  const types::VectorType* type =
      expected != nullptr && expected->is(Tag::vector) && !expected->asVector().unspecified()
          ? &expected->asVector()
          : nullptr;
  if (expr->elements.empty()) return type != nullptr ? type : types_.vector(nullptr);
  if (type == nullptr) {
    const Type* element = check(expr->elements[0], nullptr);
    for (size_t i = 1; i < expr->elements.size(); ++i) {
      const Type* next = check(expr->elements[i], element);
      if (isError(next) || isError(element)) continue;
      if (const Type* both = commonType(element, next)) element = both;
    }
    if (isError(element) || element->is(Tag::list) || element->is(Tag::void_)) return errorType();
    type = types_.vector(element);
  }
  for (Expr*& element : expr->elements)
    if (!checkAs(element, type->element(), "an element of this vector") &&
        !isError(element->type) && !isError(type->element()))
      noteEnums(element->type, type->element());
  return type;
}

// Below the last error, where two enums that were mixed up are declared.
void Checker::noteEnums(const Type* a, const Type* b) {
  if (!a->is(Tag::enumeration) || !b->is(Tag::enumeration)) return;
  for (const Type* type : {b, a})
    if (const Symbol* symbol = program_->find(type->name()))
      diagnostics_.last().notes.push_back({symbol->at, "the enum is declared here"});
}

Expr* Checker::constructorOf(CallExpr* call, const Type* type) {
  auto* made = arena_.make<ConstructorExpr>();
  made->at = call->at;
  made->caret = call->caret;
  made->height = call->height;
  made->elements = call->arguments;
  made->kind = type->is(Tag::record)  ? ExprKind::recordConstructor
               : type->is(Tag::table) ? ExprKind::tableConstructor
               : type->is(Tag::set)   ? ExprKind::setConstructor
                                      : ExprKind::vectorConstructor;
  return made;
}

const Type* Checker::checkLambda(LambdaExpr* expr, const Type* expected) {
  const types::FuncType* wanted =
      expected != nullptr && expected->is(Tag::function) ? &expected->asFunc() : nullptr;
  types::FuncType* type =
      resolveSignature(expr->signature, types::Flavor::function, expr->inferResult);
  const types::FuncType* given = type;
  if (expr->inferResult && wanted != nullptr &&
      wanted->parameters().size() == type->parameters().size())
    given = &types_.function(types::Flavor::function, type->parameters(), wanted->result());
  if (wanted != nullptr && wanted->flavor() == types::Flavor::hook && expr->inferResult)
    given = wanted;
  Function& function = program_->functions.emplace_back();
  function.name = "lambda";
  function.module = module_;
  function.type = given;
  function.at = expr->at;
  function.origin = originAt(expr->at);
  function.enclosing = frame_ != nullptr ? frame_->function : nullptr;
  function.isLambda = true;
  expr->function = &function;
  Frame frame;
  frame.function = &function;
  frame.outer = frame_;
  frame.type = given;
  frame.inferResult = expr->inferResult && given == type;
  frame.blocks.emplace_back();
  Frame* before = frame_;
  frame_ = &frame;
  uint32_t at = 0;
  for (FieldDecl* parameter : expr->signature->parameters) {
    if (parameter->name == "...") continue;
    Symbol* local = declareLocal(parameter->name, given->parameters()[at].type, parameter->at);
    local->isParameter = local->assigned = true;
    ++at;
  }
  function.parameterCount = at;
  captures(frame, expr->captures);
  readBody(function, expr->signature, expr->body, frame);
  frame_ = before;
  captureUses(function, expr->captures, expr->body->end);
  if (frame.inferResult) {
    const Type* result = frame.inferred != nullptr ? frame.inferred : basic(Tag::void_);
    given = &types_.function(types::Flavor::function, type->parameters(), result);
    function.type = given;
  }
  return given;
}

}  // namespace bulkhead::analysis
