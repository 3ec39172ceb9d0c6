// Attributes of variables, record fields and containers.

#include "sdk/script/analysis/checker.h"

namespace bulkhead::analysis {

namespace {

std::string_view attributeText(AttributeKind kind) {
  switch (kind) {
    case AttributeKind::createExpire:
      return "&create_expire";
    case AttributeKind::readExpire:
      return "&read_expire";
    case AttributeKind::writeExpire:
      return "&write_expire";
    case AttributeKind::expireFunc:
      return "&expire_func";
    case AttributeKind::onChange:
      return "&on_change";
    case AttributeKind::defaultValue:
      return "&default";
    case AttributeKind::defaultInsert:
      return "&default_insert";
    default:
      return "the attribute";
  }
}

}  // namespace

AttributeSet attributesAsWritten(std::span<syntax::Attribute* const> written) {
  AttributeSet set;
  for (const syntax::Attribute* attribute : written) {
    switch (attribute->kind) {
      case AttributeKind::defaultValue:
        set.defaultValue = attribute->value;
        break;
      case AttributeKind::defaultInsert:
        set.defaultInsert = attribute->value;
        break;
      case AttributeKind::createExpire:
        set.createExpire = attribute->value;
        break;
      case AttributeKind::readExpire:
        set.readExpire = attribute->value;
        break;
      case AttributeKind::writeExpire:
        set.writeExpire = attribute->value;
        break;
      case AttributeKind::expireFunc:
        set.expireFunc = attribute->value;
        break;
      case AttributeKind::onChange:
        set.onChange = attribute->value;
        break;
      case AttributeKind::ordered:
        set.ordered = true;
        break;
      default:
        break;
    }
  }
  return set;
}

// Called with the parts of a key, for what the table lacks.
bool Checker::givesDefaultOf(const types::FuncType& function, const types::TableType& table) {
  CoerceKind kind{};
  const auto& parameters = function.parameters();
  const auto& indices = table.indices();
  if (fit(function.result(), table.value(), kind) == Fit::no) return false;
  if (parameters.size() == 1 && parameters[0].type->is(Tag::any)) return true;
  if (parameters.size() != indices.size()) return false;
  for (size_t i = 0; i < indices.size(); ++i)
    if (fit(indices[i], parameters[i].type, kind) == Fit::no) return false;
  return true;
}

// Whether a table or set of that type can call `value` as its &expire_func: with itself and the
// parts of a key, or the whole key as one `any`. Says what is wrong.
bool Checker::expires(const Expr* value, const Type* container, Location at) {
  const Type* have = value->type;
  if (isError(container) || !container->isTableOrSet() || container->asTable().unspecified())
    return true;
  if (!have->is(Tag::function) || have->asFunc().flavor() != types::Flavor::function) {
    error(at, "an &expire_func is a function, this is of type " + text(have));
    return false;
  }
  const auto& function = have->asFunc();
  if (!function.result()->is(Tag::interval)) {
    error(at, "an &expire_func returns an interval, this is " + text(have));
    return false;
  }
  const auto& parameters = function.parameters();
  const auto& indices = container->asTable().indices();
  bool one = parameters.size() == 2 && parameters[1].type->is(Tag::any);
  bool fits = one || parameters.size() == indices.size() + 1;
  if (!fits)
    if (const auto* name = as<NameExpr>(value); name != nullptr && name->symbol != nullptr)
      diagnostics_.warning(name->symbol->at, "this takes " + std::to_string(parameters.size()) +
                                                 " arguments; as the &expire_func of a " +
                                                 text(container) + " it is called with " +
                                                 std::to_string(indices.size() + 1));
  CoerceKind kind{};
  if (fits) fits = fit(container, parameters[0].type, kind) != Fit::no;
  for (size_t i = 0; fits && !one && i < indices.size(); ++i)
    fits = fit(indices[i], parameters[i + 1].type, kind) != Fit::no;
  if (!fits)
    error(at, "the &expire_func of a " + text(container) +
                  " takes the container and the parts of a key, this is " + text(have));
  return fits;
}

void Checker::applyAttribute(AttributeSet& set, Attribute* attribute, const Type* type) {
  Expr* value = attribute->value;
  auto interval = [&](Expr*& into) {
    if (into == nullptr &&
        (set.createExpire != nullptr || set.readExpire != nullptr || set.writeExpire != nullptr))
      error(attribute->at,
            "a table or set expires by one of &create_expire, &read_expire and "
            "&write_expire only");
    if (value != nullptr && checkAs(value, basic(Tag::interval), attributeText(attribute->kind)))
      into = value;
    if (!isError(type) && !type->isTableOrSet())
      error(attribute->at, std::string(attributeText(attribute->kind)) + " is for tables and sets");
  };
  auto any = [&](Expr*& into, const Type* expected = nullptr) {
    if (value == nullptr) {
      error(attribute->at, std::string(attributeText(attribute->kind)) + " needs a value");
      return;
    }
    if (!isError(check(value, expected))) into = value;
  };
  // A default is the value itself or, for a table, what a missing key yields.
  auto defaultFor = [&](Expr*& into, bool& isFunction) {
    if (value == nullptr) {
      error(attribute->at, "&default needs a value");
      return;
    }
    const Type* wanted = type;
    if (isOfNoType(type)) {
      if (!isError(check(value, nullptr))) into = value;
      return;
    }
    bool table = type->is(Tag::table) && !type->asTable().unspecified();
    const Type* have = check(value, table ? type->asTable().value() : type);
    if (isError(have)) return;
    if (table) {
      wanted = type->asTable().value();
      isFunction = have->is(Tag::function) && !wanted->is(Tag::function);
    }
    if (isFunction && !givesDefaultOf(have->asFunc(), type->asTable())) {
      error(attribute->at, "the " + std::string(attributeText(attribute->kind)) +
                               " function must take a key of the table and return a " +
                               text(wanted) + ", this is " + text(have));
      return;
    }
    if (!isFunction && !coerce(value, wanted)) {
      error(attribute->at,
            "the &default must be of type " + text(wanted) + ", this is of type " + text(have));
      return;
    }
    into = value;
  };
  switch (attribute->kind) {
    case AttributeKind::createExpire:
      interval(set.createExpire);
      break;
    case AttributeKind::readExpire:
      interval(set.readExpire);
      break;
    case AttributeKind::writeExpire:
      interval(set.writeExpire);
      break;
    case AttributeKind::expireFunc:
      any(set.expireFunc);
      if (set.expireFunc != nullptr && set.expireFunc == value &&
          !expires(value, type, attribute->at))
        set.expireFunc = nullptr;
      break;
    case AttributeKind::onChange:
      any(set.onChange);
      break;
    case AttributeKind::addFunc:
      any(set.addFunc);
      break;
    case AttributeKind::deleteFunc:
      any(set.deleteFunc);
      break;
    case AttributeKind::backend:
      any(set.backend);
      break;
    case AttributeKind::brokerStore:
      any(set.brokerStore, basic(Tag::string));
      break;
    case AttributeKind::typeColumn:
      any(set.typeColumn, basic(Tag::string));
      break;
    case AttributeKind::defaultValue:
      defaultFor(set.defaultValue, set.defaultIsFunction);
      break;
    case AttributeKind::defaultInsert:
      if (!isError(type) && !type->is(Tag::table)) {
        error(attribute->at, "&default_insert is for tables");
        break;
      }
      defaultFor(set.defaultInsert, set.defaultInsertIsFunction);
      break;
    case AttributeKind::ordered:
      set.ordered = true;
      break;
    case AttributeKind::rawOutput:
      set.rawOutput = true;
      break;
    case AttributeKind::log:
      set.log = true;
      break;
    case AttributeKind::optional:
      error(attribute->at, "&optional is for the fields of records");
      break;
    case AttributeKind::errorHandler:
      set.errorHandler = true;
      break;
    case AttributeKind::isAssigned:
      set.isAssigned = true;
      break;
    case AttributeKind::isUsed:
      set.isUsed = true;
      break;
    case AttributeKind::brokerAllowComplexType:
      set.allowComplex = true;
      break;
    case AttributeKind::deprecated:
    case AttributeKind::group:
    case AttributeKind::noCppOpt:
    case AttributeKind::noZamOpt:
    case AttributeKind::priority:
    case AttributeKind::publishOnChange:
    case AttributeKind::redef:
      break;
  }
}

AttributeSet* Checker::attributes(std::span<Attribute*> from, const Type* type,
                                  AttributeSet* base) {
  AttributeSet* set = base;
  for (size_t i = 0; i < from.size(); ++i)
    for (size_t j = 0; j < i; ++j)
      if (from[i]->kind == from[j]->kind &&
          (from[i]->value != nullptr || from[j]->value != nullptr)) {
        error(from[i]->at, "this attribute is given twice");
        break;
      }
  for (Attribute* attribute : from) {
    if (attribute->kind == AttributeKind::redef || attribute->kind == AttributeKind::priority)
      continue;
    if (set == nullptr) set = &program_->attributeSets.emplace_back();
    applyAttribute(*set, attribute, type);
    bool isDefault = attribute->kind == AttributeKind::defaultValue ||
                     attribute->kind == AttributeKind::defaultInsert;
    if (isDefault && set->defaultValue != nullptr && set->defaultInsert != nullptr)
      error(attribute->at, "a table has either a &default or a &default_insert");
  }
  return set;
}

bool Checker::needsEmpty(const Type* type) const {
  return type->isTableOrSet() || type->is(Tag::vector) || type->is(Tag::record);
}

void Checker::applyFieldAttribute(types::RecordType& record, uint32_t offset, Attribute* attribute,
                                  bool remove) {
  types::Field& field = record.mutableField(offset);
  const Type* type = field.type;
  switch (attribute->kind) {
    case AttributeKind::optional:
      field.optional = !remove;
      return;
    case AttributeKind::log:
      field.log = !remove;
      return;
    case AttributeKind::deprecated: {
      auto* literal = as<LiteralExpr>(attribute->value);
      field.deprecated = remove               ? std::string()
                         : literal != nullptr ? std::string(literal->text)
                                              : "deprecated";
      return;
    }
    case AttributeKind::defaultValue: {
      if (remove) {
        field.defaultExpr = types::noIndex;
        return;
      }
      Expr* value = attribute->value;
      if (value == nullptr) {
        error(attribute->at, "&default needs a value");
        return;
      }
      const Type* have = check(value, type);
      if (isError(have) || isError(type)) return;
      CoerceKind kind{};
      if (fit(have, type, kind) != Fit::no || as<LiteralExpr>(value) != nullptr) {
        if (coerce(value, type)) {
          field.defaultExpr = static_cast<int32_t>(program_->defaults.size());
          program_->defaults.push_back({value, attribute->at, originAt(attribute->at)});
          return;
        }
      }
      if (!type->is(Tag::table)) {
        error(attribute->at, "the &default of field \"" + field.name + "\" must be of type " +
                                 text(type) + ", this is of type " + text(have));
        return;
      }
      break;  // the default of the table's elements
    }
    default:
      break;
  }
  AttributeSet* set;
  if (field.attributes == types::noIndex) {
    set = &program_->attributeSets.emplace_back();
    record.mutableField(offset).attributes = static_cast<int32_t>(program_->fieldAttributes.size());
    program_->fieldAttributes.push_back(set);
  } else {
    set = program_->fieldAttributes[static_cast<size_t>(field.attributes)];
  }
  applyAttribute(*set, attribute, type);
}

void Checker::addField(types::RecordType& record, FieldDecl* declared, bool allLog) {
  types::Field field;
  field.name = std::string(declared->name);
  field.type = resolve(declared->type);
  field.log = allLog;
  field.origin = originAt(declared->at);
  if (!isError(field.type) && field.type->is(Tag::void_)) {
    error(declared->at, "a field cannot be of type void");
    field.type = errorType();
  }
  if (!record.add(field)) {
    error(declared->at,
          "the record " + record.name() + " already has a field \"" + field.name + "\"");
    return;
  }
  auto offset = static_cast<uint32_t>(record.fields().size() - 1);
  for (Attribute* attribute : declared->attributes)
    applyFieldAttribute(record, offset, attribute, false);
}

}  // namespace bulkhead::analysis
