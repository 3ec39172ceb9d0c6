// Type expressions to types.

#include "sdk/script/analysis/canonical.h"
#include "sdk/script/analysis/checker.h"

namespace bulkhead::analysis {

namespace {

// Equality and order of an `any` are not known from its type, so it cannot be part of a key. Each
// type is looked at once: records hold one another, in any number of ways.
bool holdsAny(const Type* type) {
  std::unordered_set<const Type*> seen;
  std::vector<const Type*> waiting{type};
  while (!waiting.empty()) {
    const Type* next = waiting.back();
    waiting.pop_back();
    if (next == nullptr || !seen.insert(next).second) continue;
    if (next->is(Tag::any)) return true;
    if (next->is(Tag::vector) && !next->asVector().unspecified())
      waiting.push_back(next->asVector().element());
    if (next->isTableOrSet() && !next->asTable().unspecified()) {
      const auto& indices = next->asTable().indices();
      waiting.insert(waiting.end(), indices.begin(), indices.end());
      waiting.push_back(next->asTable().value());
    }
    if (next->is(Tag::record))
      for (const auto& field : next->asRecord().fields()) waiting.push_back(field.type);
  }
  return false;
}

}  // namespace

const Type* Checker::namedType(std::string_view name, Location at) {
  // Names of types that the grammar has no word for.
  if (name == "void" && originAt(at) == source::originBase) return basic(Tag::void_);
  Symbol* symbol = findGlobalName(name, false, at);
  if (symbol == nullptr) {
    unknownName(name, at);
    return errorType();
  }
  if (symbol->kind != SymbolKind::type) {
    error(at, "\"" + std::string(name) + "\" is no type")
        .notes.push_back({symbol->at, "declared here"});
    return errorType();
  }
  deprecated(*symbol, at);
  return symbol->type;
}

const Type* Checker::resolve(TypeExpr* expr, std::string_view nameIt) {
  if (expr == nullptr) return errorType();
  std::string name(nameIt);
  switch (expr->kind) {
    case TypeExprKind::error:
      return errorType();
    case TypeExprKind::boolean:
      return basic(Tag::boolean);
    case TypeExprKind::integer:
      return basic(Tag::integer);
    case TypeExprKind::count:
      return basic(Tag::count);
    case TypeExprKind::floating:
      return basic(Tag::real);
    case TypeExprKind::time:
      return basic(Tag::time);
    case TypeExprKind::interval:
      return basic(Tag::interval);
    case TypeExprKind::string:
      return basic(Tag::string);
    case TypeExprKind::pattern:
      return basic(Tag::pattern);
    case TypeExprKind::port:
      return basic(Tag::port);
    case TypeExprKind::address:
      return basic(Tag::addr);
    case TypeExprKind::subnet:
      return basic(Tag::subnet);
    case TypeExprKind::any:
      return basic(Tag::any);
    case TypeExprKind::named:
      return namedType(expr->name, expr->at);
    case TypeExprKind::opaque:
      return types_.opaque(expr->name);
    case TypeExprKind::file:
      return types_.file(expr->element != nullptr ? resolve(expr->element) : basic(Tag::string));
    case TypeExprKind::vector: {
      const Type* element = resolve(expr->element);
      return isError(element) ? errorType() : types_.vector(element);
    }
    case TypeExprKind::table:
    case TypeExprKind::set: {
      std::vector<const Type*> indices;
      for (TypeExpr* parameter : expr->parameters) {
        const Type* index = resolve(parameter);
        if (isError(index)) return errorType();
        if (index->is(Tag::void_) || index->is(Tag::file) || index->is(Tag::opaque) ||
            holdsAny(index)) {
          error(parameter->at, "a value of type " + text(index) + " cannot be an index");
          return errorType();
        }
        indices.push_back(index);
      }
      if (expr->kind == TypeExprKind::set) return types_.set(std::move(indices));
      const Type* value = resolve(expr->element);
      return isError(value) ? errorType() : types_.table(std::move(indices), value);
    }
    case TypeExprKind::record: {
      types::RecordType& record = types_.makeRecord(name);
      // Its own name means itself inside, so that records may refer to their kind.
      if (!name.empty())
        if (Symbol* self = program_->find(name)) self->type = &record;
      for (FieldDecl* field : expr->fields) addField(record, field, false);
      return &record;
    }
    case TypeExprKind::enumType: {
      types::EnumType& type = types_.makeEnum(name);
      addEnumerators(type, expr->enumerators, false, module_, true);
      return &type;
    }
    case TypeExprKind::function:
      return resolveSignature(expr->signature, types::Flavor::function);
    case TypeExprKind::event:
      return resolveSignature(expr->signature, types::Flavor::event);
    case TypeExprKind::hook:
      return resolveSignature(expr->signature, types::Flavor::hook);
  }
  return errorType();
}

types::FuncType* Checker::resolveSignature(FunctionSignature* signature, types::Flavor flavor,
                                           bool inferResult) {
  std::vector<types::Parameter> parameters;
  bool variadic = false;
  for (FieldDecl* declared : signature->parameters) {
    if (declared->name == "...") {
      variadic = true;
      continue;
    }
    types::Parameter parameter;
    parameter.name = std::string(declared->name);
    for (const auto& before : parameters)
      if (before.name == parameter.name)
        error(declared->at, "two parameters are named \"" + parameter.name + "\"");
    parameter.type = resolve(declared->type);
    for (Attribute* attribute : declared->attributes) {
      if (attribute->kind == AttributeKind::defaultValue && attribute->value != nullptr) {
        Expr* value = attribute->value;
        if (checkAs(value, parameter.type, "the default of parameter " + parameter.name)) {
          parameter.defaultExpr = static_cast<int32_t>(program_->defaults.size());
          parameter.defaultText = canonicalText(value);
          program_->defaults.push_back({value, attribute->at, originAt(attribute->at)});
        }
      } else if (attribute->kind == AttributeKind::optional) {
        error(attribute->at, "&optional is for the fields of records");
      } else if (attribute->kind == AttributeKind::deprecated) {
        auto* literal = as<LiteralExpr>(attribute->value);
        parameter.deprecated = literal != nullptr ? std::string(literal->text) : "deprecated";
      }
    }
    parameters.push_back(std::move(parameter));
  }
  const Type* result = basic(Tag::void_);
  if (flavor == types::Flavor::hook)
    result = basic(Tag::boolean);
  else if (signature->result != nullptr)
    result = resolve(signature->result);
  else if (flavor == types::Flavor::function && inferResult)
    result = basic(Tag::any);
  return &types_.function(flavor, std::move(parameters), result, variadic);
}

}  // namespace bulkhead::analysis
