// Declarations of variables and types, and their redefs.

#include "sdk/script/analysis/checker.h"

#include <algorithm>

namespace bulkhead::analysis {

namespace {

bool has(std::span<Attribute*> attributes, AttributeKind kind) {
  for (Attribute* each : attributes)
    if (each->kind == kind) return true;
  return false;
}

void noteDeprecation(Symbol& symbol, std::span<Attribute*> attributes) {
  for (Attribute* each : attributes)
    if (each->kind == AttributeKind::deprecated) {
      symbol.isDeprecated = true;
      if (auto* literal = as<LiteralExpr>(each->value))
        symbol.deprecation = std::string(literal->text);
    }
}

void noteAttributes(Global& global, std::span<Attribute*> attributes) {
  for (Attribute* each : attributes) {
    std::erase_if(global.attributes, [&](const Attribute* a) { return a->kind == each->kind; });
    global.attributes.push_back(each);
  }
}

}  // namespace

void Checker::declare(Decl* decl) {
  switch (decl->kind) {
    case DeclKind::module:
      module_ = std::string(decl->name);
      modules_.insert(module_);
      break;
    case DeclKind::variable: {
      auto* variable = static_cast<VariableDecl*>(decl);
      if (variable->role == VariableRole::redef)
        redefVariable(variable);
      else
        declareVariable(variable);
      break;
    }
    case DeclKind::type:
      declareType(static_cast<TypeDecl*>(decl));
      break;
    case DeclKind::redefEnum:
      redefEnum(static_cast<RedefEnumDecl*>(decl));
      break;
    case DeclKind::redefRecord:
      redefRecord(static_cast<RedefRecordDecl*>(decl));
      break;
    case DeclKind::redefField:
      redefField(static_cast<RedefFieldDecl*>(decl));
      break;
    case DeclKind::function:
      defineFunction(static_cast<FunctionDecl*>(decl));
      break;
    case DeclKind::statement:
      topStatement(static_cast<StatementDecl*>(decl));
      break;
  }
}

// Globals get their values in order: one that has none so far cannot be part of another's. Looks
// only where evaluation is certain to come by; false if it said so.
bool Checker::valuesThere(const Expr* value) {
  bool good = true;
  if (const auto* name = as<NameExpr>(value)) {
    const Symbol* symbol = name->symbol;
    if (symbol == nullptr || symbol->kind != SymbolKind::global || isError(symbol->type) ||
        symbol->origin == source::originBase || symbol->type->is(Tag::function))
      return true;
    if (symbol->initialized) return true;
    error(name->at, "\"" + symbol->name + "\" has no value here")
        .notes.push_back({symbol->at, "declared here"});
    return false;
  }
  if (const auto* coerce = as<CoerceExpr>(value)) return valuesThere(coerce->operand);
  if (const auto* list = as<ListExpr>(value))
    for (const Expr* each : list->elements) good = valuesThere(each) && good;
  if (const auto* made = as<ConstructorExpr>(value))
    for (const Expr* each : made->elements) {
      if (const auto* field = as<FieldAssignExpr>(each)) each = field->value;
      if (const auto* pair = as<AssignExpr>(each)) each = pair->value;
      good = valuesThere(each) && good;
    }
  return good;
}

void Checker::initialize(Symbol* symbol, InitOp op, Expr* value, AttributeSet* attributes,
                         Location at) {
  const Type* type = symbol->type;
  InitStep step;
  step.target = symbol;
  step.at = at;
  step.origin = originAt(at);
  if (op == InitOp::none || value == nullptr) {
    if (!needsEmpty(type)) return;
    step.kind = InitKind::empty;
  } else if (op == InitOp::set) {
    if (!checkAs(value, type, "the value of \"" + symbol->name + "\"")) return;
    if (!valuesThere(value)) return;
    step.kind = InitKind::set;
  } else if (op == InitOp::add) {
    // Elements and lists take the container's type; a pattern or a vector of ports its own.
    bool viaFunction = attributes != nullptr && attributes->addFunc != nullptr;
    const Type* wanted = type;
    if (type->is(Tag::vector) && as<ListExpr>(value) == nullptr &&
        as<ConstructorExpr>(value) == nullptr) {
      const Type* have = check(value, nullptr);
      if (isError(have)) return;
      if (!have->is(Tag::vector)) wanted = type->asVector().element();
      if (!coerce(value, wanted)) {
        error(at, "cannot add a value of type " + text(have) + " to \"" + symbol->name +
                      "\" of type " + text(type));
        return;
      }
    } else if (!checkAs(value, wanted, "what is added to \"" + symbol->name + "\"")) {
      return;
    }
    step.kind = viaFunction ? InitKind::addFunc : InitKind::add;
  } else {
    bool viaFunction = attributes != nullptr && attributes->deleteFunc != nullptr;
    const Type* wanted = type;
    if (type->is(Tag::table)) {
      // Taking away from a table needs only the keys.
      auto* list = as<ListExpr>(value);
      bool pairs = list != nullptr && !list->elements.empty() &&
                   as<AssignExpr>(list->elements[0]) != nullptr;
      const Type* have = check(value, pairs ? type : types_.set(type->asTable().indices()));
      if (isError(have)) return;
      if (have->is(Tag::set)) wanted = types_.set(type->asTable().indices());
      if (!coerce(value, wanted)) {
        error(at, "what is taken from \"" + symbol->name + "\" must be of type " + text(wanted));
        return;
      }
    } else if (!checkAs(value, wanted, "what is taken from \"" + symbol->name + "\"")) {
      return;
    }
    step.kind = viaFunction ? InitKind::deleteFunc : InitKind::remove;
  }
  step.value = value;
  symbol->initialized = true;
  program_->initializers.push_back(step);
}

void Checker::declareVariable(VariableDecl* decl) {
  bool redefinable = has(decl->attributes, AttributeKind::redef);
  std::string full = fullName(decl->name);
  settle(full);
  Symbol* existing = program_->find(full);
  const Type* type = nullptr;
  if (decl->isDamaged) {
    if (existing != nullptr) return;
    Symbol* symbol =
        declareGlobalName(decl->name, module_, SymbolKind::global, decl->nameAt, decl->exported);
    symbol->type = errorType();
    symbol->index = static_cast<uint32_t>(program_->globals.size());
    program_->globals.push_back({symbol});
    return;
  }
  if (decl->typeExpr != nullptr) type = resolve(decl->typeExpr);

  bool callable = type != nullptr && type->is(Tag::function) && decl->value == nullptr &&
                  decl->role == VariableRole::global &&
                  (type->asFunc().flavor() != types::Flavor::function || !redefinable);
  if (callable) {
    if (existing != nullptr && existing->kind != SymbolKind::callable) {
      error(decl->nameAt, "\"" + full + "\" is already declared")
          .notes.push_back({existing->at, "declared here"});
      return;
    }
    Symbol* symbol = existing;
    if (symbol != nullptr && type->asFunc().flavor() == types::Flavor::function &&
        !program_->callables[symbol->index].bodies.empty()) {
      error(decl->nameAt, "\"" + full + "\" is already declared")
          .notes.push_back({existing->at, "declared here"});
      return;
    }
    if (symbol == nullptr)
      symbol = declareGlobalName(decl->name, module_, SymbolKind::callable, decl->nameAt,
                                 decl->exported);
    symbol->exported = symbol->exported || decl->exported;
    bool first = symbol->type == nullptr;
    Symbol noted;
    noteDeprecation(noted, decl->attributes);
    if (first) noteDeprecation(*symbol, decl->attributes);
    declareCallable(symbol, &type->asFunc(), true, decl->nameAt,
                    !noted.isDeprecated         ? ""
                    : noted.deprecation.empty() ? "deprecated"
                                                : noted.deprecation);
    return;
  }
  if (existing != nullptr) {
    error(decl->nameAt, "\"" + full + "\" is already declared")
        .notes.push_back({existing->at, "declared here"});
    return;
  }
  Expr* value = decl->value;
  // Behind `set(...)` they are read as the constructor's and are the variable's as well.
  if (auto* made = as<ConstructorExpr>(value))
    redefinable = redefinable || has(made->attributes, AttributeKind::redef);
  if (type == nullptr) {
    if (value == nullptr) {
      error(decl->nameAt, "\"" + full + "\" needs a type or a value");
      type = errorType();
    } else {
      shapeUntyped(value);
      type = check(value, nullptr);
      if (!isError(type) && type->is(Tag::list)) {
        error(value->at, "the type of \"" + full + "\" does not follow from a list; declare it");
        type = errorType();
      }
      if (!isError(type) && type->is(Tag::void_)) {
        error(value->at, "this call has no result");
        type = errorType();
      }
      if (isOfNoType(type)) {
        error(value->at,
              "what \"" + full + "\" holds does not follow from an empty one; declare it");
        type = errorType();
      }
    }
  }
  Symbol* symbol =
      declareGlobalName(decl->name, module_, SymbolKind::global, decl->nameAt, decl->exported);
  symbol->type = type;
  symbol->isConst = decl->role == VariableRole::constant;
  symbol->isOption = decl->role == VariableRole::option;
  symbol->redefinable = redefinable || symbol->isOption;
  symbol->index = static_cast<uint32_t>(program_->globals.size());
  noteAttributes(program_->globals.emplace_back(Global{symbol}), decl->attributes);
  if (auto* made = as<ConstructorExpr>(value))
    noteAttributes(program_->globals.back(), made->attributes);
  noteDeprecation(*symbol, decl->attributes);
  if (isError(type)) return;
  if (symbol->isOption && value == nullptr && !type->isTableOrSet() && !type->is(Tag::vector))
    error(decl->nameAt, "an option needs a value");
  if (symbol->isOption && decl->name == "_")
    error(decl->nameAt, "\"_\" names nothing and cannot be an option");
  symbol->attributes = attributes(decl->attributes, type, nullptr);
  initialize(symbol, decl->op == InitOp::none && value != nullptr ? InitOp::set : decl->op, value,
             symbol->attributes, decl->nameAt);
}

// The redef as it stands in the operator's scripts, if it can be said elsewhere.
std::optional<SiteRedef> Checker::siteRedef(const VariableDecl& decl) const {
  if (originAt(decl.at) != source::originSite) return std::nullopt;
  source::Position place = sources_.position(decl.at);
  if (place.file == nullptr || decl.endAt.offset < decl.at.offset) return std::nullopt;
  size_t begin = decl.at.offset - place.file->base, end = decl.endAt.offset - place.file->base;
  if (end >= place.file->text.size()) return std::nullopt;
  std::string text = place.file->text.substr(begin, end + 1 - begin);
  // Its sense would depend on what is declared here.
  if (text.find("\n@") != std::string::npos) return std::nullopt;
  return SiteRedef{module_, std::move(text), place.file->name, place.line, {}, {}};
}

// True if the redef is for a package: it names what nothing here declares.
bool Checker::keepPackageRedef(const VariableDecl& decl) {
  if (!packagesBeside_) return false;
  std::vector<std::string> unknown;
  auto offer = [&](std::string_view name) {
    if (isDefined(name)) return;
    std::string full = fullName(name);
    if (full.find("::") == std::string::npos) return;
    if (std::find(unknown.begin(), unknown.end(), full) == unknown.end())
      unknown.push_back(std::move(full));
  };
  offer(decl.name);
  for (std::string_view name : decl.qualifiedNames) offer(name);
  if (unknown.empty()) return false;
  auto redef = siteRedef(decl);
  if (!redef) return false;
  source::Diagnostics complaint;
  for (const std::string& name : unknown)
    complaint.error(decl.at, "unknown name \"" + name +
                                 "\": neither the site nor a package beside it declares it");
  redef->complaint = complaint.render(sources_);
  redef->unknownNames = std::move(unknown);
  program_->siteRedefs.push_back(std::move(*redef));
  return true;
}

// A function's body is checked later and may name anything; such a redef stays in the site.
void Checker::keepStandardRedef(const VariableDecl& decl, const Symbol& symbol) {
  if (sawForeignName_ || symbol.origin != source::originBase) return;
  auto redef = siteRedef(decl);
  if (!redef || redef->text.find("function") != std::string::npos) return;
  program_->siteRedefs.push_back(std::move(*redef));
}

void Checker::redefVariable(VariableDecl* decl) {
  if (keepPackageRedef(*decl)) return;
  sawForeignName_ = false;
  Symbol* symbol = findGlobalName(decl->name, false, decl->nameAt);
  if (symbol == nullptr) {
    unknownName(decl->name, decl->nameAt);
    return;
  }
  if (symbol->kind == SymbolKind::callable && decl->value != nullptr) {
    error(decl->nameAt, "\"" + symbol->name + "\" is a function without &redef");
    return;
  }
  if (symbol->kind != SymbolKind::global) {
    error(decl->nameAt, "\"" + symbol->name + "\" is no variable and cannot be redefined this way");
    return;
  }
  if (!symbol->redefinable) {
    error(decl->nameAt, "\"" + symbol->name + "\" is declared without &redef")
        .notes.push_back({symbol->at, "declared here"});
    return;
  }
  if (decl->typeExpr != nullptr) {
    const Type* type = resolve(decl->typeExpr);
    if (!isError(type) && !isError(symbol->type) && !types::sameType(type, symbol->type))
      error(decl->typeExpr->at, "\"" + symbol->name + "\" is of type " + text(symbol->type));
  }
  if (isError(symbol->type)) return;
  symbol->attributes = attributes(decl->attributes, symbol->type, symbol->attributes);
  noteAttributes(program_->globals[symbol->index], decl->attributes);
  if (decl->value != nullptr)
    initialize(symbol, decl->op == InitOp::none ? InitOp::set : decl->op, decl->value,
               symbol->attributes, decl->nameAt);
  keepStandardRedef(*decl, *symbol);
}

// The same enum may be declared twice.
bool Checker::sameEnum(const Type* type, const TypeExpr* expr) const {
  if (isError(type) || !type->is(Tag::enumeration) || expr->kind != TypeExprKind::enumType)
    return false;
  int64_t next = 0;
  for (const EnumeratorDecl* each : expr->enumerators) {
    int64_t value = each->hasValue ? static_cast<int64_t>(each->value) : next;
    next = static_cast<int64_t>(static_cast<uint64_t>(value) + 1);  // behind the largest, the least
    Symbol* known = program_->find(fullName(each->name));
    if (known == nullptr || known->kind != SymbolKind::enumerator || known->type != type ||
        known->value != value)
      return false;
  }
  return true;
}

void Checker::declareType(TypeDecl* decl) {
  std::string full = fullName(decl->name);
  if (Symbol* existing = program_->find(full)) {
    if (existing->kind == SymbolKind::type && sameEnum(existing->type, decl->typeExpr)) return;
    error(decl->nameAt, "\"" + full + "\" is already declared")
        .notes.push_back({existing->at, "declared here"});
    return;
  }
  Symbol* symbol =
      declareGlobalName(decl->name, module_, SymbolKind::type, decl->nameAt, decl->exported);
  noteDeprecation(*symbol, decl->attributes);
  symbol->type = errorType();
  const Type* type = nullptr;
  bool nominal = decl->typeExpr->kind == TypeExprKind::record ||
                 decl->typeExpr->kind == TypeExprKind::enumType;
  if (nominal) {
    type = resolve(decl->typeExpr, full);
    if (has(decl->attributes, AttributeKind::log) && type->is(Tag::record)) {
      auto& record = const_cast<types::RecordType&>(type->asRecord());
      for (uint32_t i = 0; i < record.fields().size(); ++i) record.mutableField(i).log = true;
    }
  } else {
    type = resolve(decl->typeExpr);
    if (!isError(type)) {
      const Symbol* other = decl->typeExpr->kind == TypeExprKind::named
                                ? findGlobalName(decl->typeExpr->name, false, decl->typeExpr->at)
                                : nullptr;
      type = types_.named(type, full);
      if (type->name().empty())
        symbol->standIn = other != nullptr ? other->typeAsValue() : types_.standIn(type, full);
      const Type* value = symbol->standIn != nullptr ? symbol->standIn : type;
      if (other != nullptr && !other->typeAsValue()->name().empty())
        types_.addAlias(other->typeAsValue(), value, full);
    }
  }
  symbol->type = type;
}

void Checker::checkRecordsEnd() {
  // A record waits for the records that it always has in it; whoever waits for none can be made.
  // What waits for ever, waits for itself.
  std::unordered_map<const Type*, size_t> waitsFor;
  std::unordered_map<const Type*, std::vector<const Type*>> waitedForBy;
  std::vector<const Type*> free;
  auto heldAlways = [](const types::Field& field) {
    return field.type != nullptr && field.type->is(Tag::record) && !field.optional &&
           field.defaultExpr == types::noIndex;
  };
  for (uint32_t id = 0; id < types_.size(); ++id) {
    const Type* type = types_.byId(id);
    if (!type->is(Tag::record)) continue;
    size_t count = 0;
    for (const types::Field& field : type->asRecord().fields()) {
      if (!heldAlways(field)) continue;
      ++count;
      waitedForBy[field.type].push_back(type);
    }
    if (count == 0)
      free.push_back(type);
    else
      waitsFor[type] = count;
  }
  while (!free.empty()) {
    const Type* made = free.back();
    free.pop_back();
    for (const Type* waiting : waitedForBy[made])
      if (auto at = waitsFor.find(waiting); --at->second == 0) {
        waitsFor.erase(at);
        free.push_back(waiting);
      }
  }
  for (const auto& [type, count] : waitsFor) {
    Symbol* symbol = type->name().empty() ? nullptr : program_->find(type->name());
    if (symbol == nullptr) continue;
    for (const types::Field& field : type->asRecord().fields())
      if (heldAlways(field) && waitsFor.contains(field.type)) {
        error(symbol->at, "no record " + symbol->name +
                              " could ever be made: it holds itself, by way of $" + field.name +
                              "; make that field &optional");
        break;
      }
  }
}

void Checker::addEnumerators(types::EnumType& type, std::span<EnumeratorDecl*> from, bool redef,
                             std::string_view module, bool exported) {
  for (EnumeratorDecl* declared : from) {
    std::string full = fullName(declared->name);
    int64_t value = declared->hasValue ? static_cast<int64_t>(declared->value) : type.nextValue();
    if (Symbol* existing = program_->find(full)) {
      error(declared->at, "\"" + full + "\" is already declared")
          .notes.push_back({existing->at, "declared here"});
      continue;
    }
    std::string deprecation;
    if (declared->deprecated != nullptr) {
      auto* literal = as<LiteralExpr>(declared->deprecated->value);
      deprecation = literal != nullptr ? std::string(literal->text) : "deprecated";
    }
    if (!type.add({full, value, originAt(declared->at), redef, deprecation})) {
      error(declared->at, "the enum already has a \"" + full + "\"");
      continue;
    }
    Symbol* symbol =
        declareGlobalName(declared->name, module, SymbolKind::enumerator, declared->at, exported);
    symbol->type = &type;
    symbol->value = value;
    symbol->isDeprecated = !deprecation.empty();
    symbol->deprecation = deprecation;
  }
}

void Checker::redefEnum(RedefEnumDecl* decl) {
  Symbol* symbol = findGlobalName(decl->name, false, decl->nameAt);
  if (symbol == nullptr) {
    unknownName(decl->name, decl->nameAt);
    return;
  }
  if (symbol->kind != SymbolKind::type || !symbol->type->is(Tag::enumeration)) {
    error(decl->nameAt, "\"" + symbol->name + "\" is no enum");
    return;
  }
  addEnumerators(const_cast<types::EnumType&>(symbol->type->asEnum()), decl->enumerators, true,
                 module_, true);
}

void Checker::redefRecord(RedefRecordDecl* decl) {
  Symbol* symbol = findGlobalName(decl->name, false, decl->nameAt);
  if (symbol == nullptr) {
    unknownName(decl->name, decl->nameAt);
    return;
  }
  if (symbol->kind != SymbolKind::type || !symbol->type->is(Tag::record)) {
    error(decl->nameAt, "\"" + symbol->name + "\" is no record");
    return;
  }
  auto& record = const_cast<types::RecordType&>(symbol->type->asRecord());
  bool allLog = has(decl->attributes, AttributeKind::log);
  for (FieldDecl* field : decl->fields) {
    size_t before = record.fields().size();
    addField(record, field, allLog);
    if (record.fields().size() == before) continue;
    const auto& added = record.fields().back();
    if (!isError(added.type) && !added.optional && added.defaultExpr == types::noIndex &&
        !needsEmpty(added.type))
      error(field->at, "a field added to a record must be &optional or have a &default");
  }
}

void Checker::redefField(RedefFieldDecl* decl) {
  Symbol* symbol = findGlobalName(decl->name, false, decl->nameAt);
  if (symbol == nullptr || symbol->kind != SymbolKind::type || !symbol->type->is(Tag::record)) {
    if (symbol == nullptr)
      unknownName(decl->name, decl->nameAt);
    else
      error(decl->nameAt, "\"" + symbol->name + "\" is no record");
    return;
  }
  auto& record = const_cast<types::RecordType&>(symbol->type->asRecord());
  auto offset = record.offsetOf(decl->field);
  if (!offset) {
    error(decl->fieldAt,
          "the record " + symbol->name + " has no field \"" + std::string(decl->field) + "\"")
        .missing = symbol->name + "$" + std::string(decl->field);
    return;
  }
  for (Attribute* attribute : decl->attributes)
    applyFieldAttribute(record, *offset, attribute, decl->removes);
}

}  // namespace bulkhead::analysis
