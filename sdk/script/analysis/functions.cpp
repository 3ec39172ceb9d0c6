// Functions, events and hooks: declarations, prototypes, bodies.

#include "sdk/script/analysis/canonical.h"
#include "sdk/script/analysis/checker.h"

#include <algorithm>
#include <cstdlib>

namespace bulkhead::analysis {

Callable& Checker::callable(Symbol* symbol) { return program_->callables[symbol->index]; }

namespace {

// The places of an alternate's parameters in the first prototype; empty if one does not fit.
std::optional<std::vector<uint32_t>> placesIn(const types::FuncType& first,
                                              const std::vector<types::Parameter>& other) {
  std::vector<uint32_t> places;
  for (const auto& parameter : other) {
    uint32_t at = 0;
    const auto& known = first.parameters();
    while (at < known.size() && known[at].name != parameter.name) ++at;
    if (at == known.size() || !types::sameType(known[at].type, parameter.type)) return std::nullopt;
    places.push_back(at);
  }
  return places;
}

enum class Names : uint8_t { matter, doNotMatter };

bool sameParameters(const std::vector<types::Parameter>& a, const std::vector<types::Parameter>& b,
                    Names names = Names::doNotMatter) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i)
    if (!types::sameType(a[i].type, b[i].type) ||
        (names == Names::matter && a[i].name != b[i].name))
      return false;
  return true;
}

}  // namespace

// `at` is the place of this declaration, `symbol->at` that of the first.
Symbol* Checker::declareCallable(Symbol* symbol, const types::FuncType* type, bool declared,
                                 Location at, std::string deprecation) {
  if (!at.known()) at = symbol->at;
  if (symbol->type == nullptr) {
    symbol->type = type;
    symbol->index = static_cast<uint32_t>(program_->callables.size());
    Callable& made = program_->callables.emplace_back();
    made.symbol = symbol;
    made.type = type;
    made.declared = declared;
    return symbol;
  }
  Callable& known = callable(symbol);
  const auto& first = *known.type;
  if (first.flavor() != type->flavor()) {
    error(at, "\"" + symbol->name + "\" is declared as two kinds of function")
        .notes.push_back({symbol->at, "declared here"});
    return symbol;
  }
  bool again = known.declared && declared && symbol->origin != source::originBase;
  known.declared = known.declared || declared;
  bool handlers = first.flavor() != types::Flavor::function;
  if (handlers)
    for (const auto& parameter : type->parameters())
      if (parameter.defaultExpr != types::noIndex && known.declared && again) {
        error(at, "only the first declaration of \"" + symbol->name +
                      "\" can give its parameters a &default")
            .notes.push_back({symbol->at, "declared here"});
        return symbol;
      }
  if (!handlers || sameParameters(first.parameters(), type->parameters(), Names::matter)) {
    if (again)
      error(at, "\"" + symbol->name + "\" is already declared")
          .notes.push_back({symbol->at, "declared here"});
    return symbol;
  }
  if (!again && sameParameters(first.parameters(), type->parameters())) return symbol;
  if (auto places = placesIn(first, type->parameters())) {
    types::Prototype prototype;
    prototype.parameters = type->parameters();
    prototype.offsets = *places;
    prototype.at = at.offset;
    prototype.deprecated = std::move(deprecation);
    const_cast<types::FuncType&>(first).addAlternate(std::move(prototype));
  } else {
    error(at, "this prototype of \"" + symbol->name + "\" has a parameter that the first one lacks")
        .notes.push_back({symbol->at, "declared here"});
  }
  return symbol;
}

// A body that takes a prototype which is going, or a parameter of one.
void Checker::warnOfDeprecated(const Callable& target, const std::vector<types::Parameter>& own,
                               Location at) {
  if (isQuiet(at) || target.type->flavor() == types::Flavor::function) return;
  const std::vector<types::Parameter>* taken = &target.type->parameters();
  Location declared = target.symbol->at;
  const types::Prototype* alternate = nullptr;
  if (!sameParameters(*taken, own, Names::matter))
    for (Names names : {Names::matter, Names::doNotMatter})
      for (const auto& each : target.type->alternates())
        if (alternate == nullptr && sameParameters(each.parameters, own, names)) alternate = &each;
  if (alternate != nullptr) {
    taken = &alternate->parameters;
    declared = Location{alternate->at};
    if (!alternate->deprecated.empty())
      diagnostics_
          .warning(at, "this prototype of \"" + target.symbol->name +
                           "\" is deprecated: " + alternate->deprecated)
          .notes.push_back({declared, "declared here"});
  }
  if (taken->size() != own.size()) return;
  for (const auto& parameter : *taken)
    if (!parameter.deprecated.empty())
      diagnostics_
          .warning(at, "the parameter \"" + parameter.name + "\" of \"" + target.symbol->name +
                           "\" is deprecated: " + parameter.deprecated)
          .notes.push_back({declared, "declared here"});
}

// Gives the body its parameters: in the order of the first prototype, under the names written here.
void Checker::bindParameters(Function& function, FunctionSignature* signature, Callable& target,
                             Location at) {
  const auto& first = target.type->parameters();
  std::vector<std::string> names(first.size());
  std::vector<Location> places(first.size(), at);
  auto written = signature->parameters;
  size_t count = written.size();
  if (count > 0 && written.back()->name == "...") --count;

  std::vector<types::Parameter> own;
  for (size_t i = 0; i < count; ++i) {
    types::Parameter parameter;
    parameter.name = std::string(written[i]->name);
    parameter.type = resolve(written[i]->type);
    own.push_back(std::move(parameter));
  }
  bool asFirst = own.size() == first.size();
  for (size_t i = 0; asFirst && i < own.size(); ++i)
    asFirst = isError(own[i].type) || isError(first[i].type) ||
              types::sameType(own[i].type, first[i].type);
  std::optional<std::vector<uint32_t>> offsets;
  // Among prototypes of the same types the one that has the names too.
  for (const auto& alternate : target.type->alternates())
    if (!offsets && !sameParameters(first, own, Names::matter) &&
        sameParameters(alternate.parameters, own, Names::matter))
      offsets = alternate.offsets;
  bool ofScripts = target.symbol->origin != source::originBase;
  if (offsets) {
    // found
  } else if (asFirst) {
    offsets.emplace();
    for (uint32_t i = 0; i < own.size(); ++i) offsets->push_back(i);
  } else if (target.type->flavor() != types::Flavor::function) {
    // What the base library raises may be handled with fewer parameters.
    if (!ofScripts) offsets = placesIn(*target.type, own);
    for (const auto& alternate : target.type->alternates())
      if (!offsets && sameParameters(alternate.parameters, own)) offsets = alternate.offsets;
  }
  if (!offsets) {
    std::string wanted;
    for (const auto& parameter : first)
      wanted += (wanted.empty() ? "" : ", ") + parameter.name + ": " + text(parameter.type);
    auto& said = error(at, "these are not the parameters of \"" + target.symbol->name +
                               "\", which are (" + wanted + ")");
    said.notes.push_back({target.symbol->at, "declared here"});
    // Nothing but another handler says what they are.
    if (!target.declared) said.missing = target.symbol->name;
    // Go on with the names as written, so that the body is not one error after the other.
    for (size_t i = 0; i < own.size(); ++i) {
      Symbol* local = addLocal(*frame_, own[i].name, own[i].type, written[i]->at);
      local->isParameter = local->assigned = true;
      frame_->blocks.back()[own[i].name] = local;
    }
    function.parameterCount = static_cast<uint32_t>(own.size());
    return;
  }
  warnOfDeprecated(target, own, at);
  for (size_t i = 0; i < offsets->size(); ++i) {
    size_t place = (*offsets)[i];
    names[place] = own[i].name;
    places[place] = written[i]->at;
    if (!first[place].type->is(Tag::any) || own[i].type->is(Tag::any) || isError(own[i].type))
      continue;
    // `hook log_policy(rec: Conn::Info, ...)` where the hook takes any: the body gets a local of
    // its own type, converted first thing.
    std::string_view hidden = arena_.text(" any " + own[i].name);
    names[place] = std::string(hidden);
    narrowings_.push_back({hidden, written[i]});
  }
  for (size_t i = 0; i < first.size(); ++i) {
    Symbol* local = addLocal(*frame_, names[i].empty() ? " " + first[i].name : names[i],
                             first[i].type, places[i]);
    local->isParameter = local->assigned = true;
    if (!names[i].empty()) {
      if (frame_->blocks.back().contains(names[i]))
        error(places[i], "two parameters are named \"" + names[i] + "\"");
      frame_->blocks.back()[names[i]] = local;
    }
  }
  function.parameterCount = static_cast<uint32_t>(first.size());
}

void Checker::readBody(Function& function, FunctionSignature*, Block* body, Frame& frame) {
  function.body = body;
  if (body == nullptr) return;
  function.end = body->end;
  frame.blocks.emplace_back();
  std::vector<Stmt*> statements;
  for (const Narrowing& narrowing : std::exchange(narrowings_, {})) {
    auto* from = arena_.make<NameExpr>();
    from->kind = ExprKind::name;
    from->at = from->caret = narrowing.written->at;
    from->name = narrowing.hidden;
    auto* cast = arena_.make<CastExpr>();
    cast->kind = ExprKind::cast;
    cast->at = cast->caret = narrowing.written->at;
    cast->operand = from;
    cast->typeExpr = narrowing.written->type;
    auto* local = arena_.make<LocalStmt>();
    local->kind = StmtKind::local;
    local->at = local->nameAt = narrowing.written->at;
    local->name = narrowing.written->name;
    local->typeExpr = narrowing.written->type;
    local->value = cast;
    statements.push_back(local);
  }
  if (!statements.empty()) {
    statements.insert(statements.end(), body->statements.begin(), body->statements.end());
    body->statements = arena_.list(statements);
  }
  for (Stmt* each : body->statements) statement(each);
  frame.blocks.pop_back();
}

// A &default of a parameter where a body is written: a function's replaces the declaration's, an
// event's or hook's comes too late, since they are raised by what was declared.
void Checker::takeDefaults(Callable& target, FunctionSignature* signature) {
  auto& type = const_cast<types::FuncType&>(*target.type);
  for (size_t i = 0; i < signature->parameters.size(); ++i) {
    FieldDecl* written = signature->parameters[i];
    for (Attribute* attribute : written->attributes) {
      if (attribute->kind != AttributeKind::defaultValue || attribute->value == nullptr) continue;
      if (type.flavor() != types::Flavor::function) {
        diagnostics_.warning(written->at,
                             "the &default of \"" + std::string(written->name) +
                                 "\" has no effect here, only where the " +
                                 (type.flavor() == types::Flavor::event ? "event" : "hook") +
                                 " is declared");
        continue;
      }
      if (i >= type.parameters().size()) continue;
      Expr* value = attribute->value;
      if (!checkAs(value, type.parameters()[i].type,
                   "the default of parameter " + std::string(written->name)))
        continue;
      type.mutableParameters()[i].defaultExpr = static_cast<int32_t>(program_->defaults.size());
      type.mutableParameters()[i].defaultText = canonicalText(value);
      program_->defaults.push_back({value, attribute->at, originAt(attribute->at)});
    }
  }
}

NameExpr* Checker::nameOf(Symbol* symbol, Location at) {
  auto* name = arena_.make<NameExpr>();
  name->kind = ExprKind::name;
  name->at = name->caret = at;
  name->symbol = symbol;
  name->name = arena_.text(symbol->name);
  name->type = symbol->type;
  return name;
}

// Most functions are never assigned to, and calls of them need no look at a variable. One that is
// becomes a variable; its bodies, if it has some, are the value that it begins with.
void Checker::makeVariable(Symbol& function) {
  Callable& target = callable(&function);
  Symbol* hidden = declareGlobalName(" " + function.name + "#" + std::to_string(function.index),
                                     "GLOBAL", SymbolKind::callable, function.at, false);
  hidden->type = function.type;
  hidden->index = function.index;
  hidden->used = true;
  target.symbol = hidden;
  if (!target.bodies.empty()) {
    InitStep step;
    step.target = &function;
    step.value = nameOf(hidden, function.at);
    step.at = function.at;
    step.origin = originAt(function.at);
    program_->initializers.push_back(step);
  }
  function.kind = SymbolKind::global;
  function.index = static_cast<uint32_t>(program_->globals.size());
  program_->globals.push_back({&function});
}

bool Checker::sameParameterCount(const Callable& target, const FunctionSignature* signature) {
  return target.type->alternates().empty() ||
         target.type->parameters().size() == signature->parameters.size();
}

void Checker::defineFunction(FunctionDecl* decl) {
  types::Flavor flavor = decl->flavor == FunctionFlavor::function ? types::Flavor::function
                         : decl->flavor == FunctionFlavor::event  ? types::Flavor::event
                                                                  : types::Flavor::hook;
  // Events are looked for everywhere, functions and hooks defined here belong to this module.
  Symbol* symbol =
      findGlobalName(decl->name, flavor != types::Flavor::event && !decl->isRedef, decl->nameAt);
  if (symbol != nullptr && symbol->kind == SymbolKind::global && !isError(symbol->type) &&
      symbol->type->is(Tag::function)) {
    // A variable of a function type gets a function without a name of its own.
    Symbol* hidden =
        declareGlobalName(" " + symbol->name + "#" + std::to_string(program_->callables.size()),
                          "GLOBAL", SymbolKind::callable, decl->nameAt, false);
    declareCallable(hidden, &symbol->type->asFunc(), true);
    InitStep step;
    step.target = symbol;
    step.value = nameOf(hidden, decl->nameAt);
    step.at = decl->nameAt;
    step.origin = originAt(decl->nameAt);
    program_->initializers.push_back(step);
    symbol = hidden;
  }
  // `type assertion_failure: hook(...)` gives a hook of that name its shape.
  if (symbol != nullptr && symbol->kind == SymbolKind::type && !isError(symbol->type) &&
      symbol->type->is(Tag::function) && symbol->type->asFunc().flavor() == flavor &&
      flavor == types::Flavor::hook) {
    const auto* type = &symbol->type->asFunc();
    symbol = declareGlobalName(decl->name, "GLOBAL", SymbolKind::callable, decl->nameAt, true);
    declareCallable(symbol, type, true);
  }
  if (symbol != nullptr && symbol->kind != SymbolKind::callable) {
    error(decl->nameAt, "\"" + symbol->name + "\" is already declared as something else")
        .notes.push_back({symbol->at, "declared here"});
    return;
  }
  bool isFirst = symbol == nullptr;
  if (symbol == nullptr) {
    types::FuncType* type = resolveSignature(decl->signature, flavor);
    symbol = declareGlobalName(
        decl->name, flavor == types::Flavor::event ? "GLOBAL" : std::string_view(module_),
        SymbolKind::callable, decl->nameAt,
        // Only its own module could keep what others handle to itself.
        decl->exported ||
            (flavor != types::Flavor::function && decl->name.find("::") != std::string_view::npos));
    declareCallable(symbol, type, flavor != types::Flavor::event);
  }
  Callable& target = callable(symbol);
  if (target.type->flavor() != flavor) {
    error(decl->nameAt, "\"" + symbol->name + "\" is declared as another kind of function")
        .notes.push_back({symbol->at, "declared here"});
    return;
  }
  if (flavor != types::Flavor::function && sameParameterCount(target, decl->signature))
    deprecated(*symbol, decl->nameAt);
  if (!isFirst) takeDefaults(target, decl->signature);
  if (flavor == types::Flavor::function && decl->signature->result != nullptr) {
    const Type* result = resolve(decl->signature->result);
    if (!isError(result) && !isError(target.type->result()) &&
        !types::sameType(result, target.type->result()))
      error(decl->signature->result->at,
            "\"" + symbol->name + "\" is declared to give " + text(target.type->result()));
  }

  Function& function = program_->functions.emplace_back();
  function.name = symbol->name;
  function.module = module_;
  function.type = target.type;
  function.at = decl->nameAt;
  function.origin = originAt(decl->nameAt);
  for (Attribute* attribute : decl->attributes) {
    if (attribute->kind == AttributeKind::priority) {
      Expr* value = attribute->value;
      auto constant =
          value != nullptr && !isError(check(value, nullptr)) ? as<LiteralExpr>(value) : nullptr;
      if (constant != nullptr && constant->literal == LiteralKind::count)
        function.priority = static_cast<int>(std::min<uint64_t>(constant->count, INT32_MAX));
      else if (constant != nullptr && constant->literal == LiteralKind::integer)
        function.priority =
            static_cast<int>(std::clamp<int64_t>(constant->integer, INT32_MIN, INT32_MAX));
      else if (auto* minus = as<UnaryExpr>(value); minus != nullptr &&
                                                   minus->op == UnaryOp::negate &&
                                                   as<LiteralExpr>(minus->operand) != nullptr)
        function.priority = -static_cast<int>(
            std::min<uint64_t>(as<LiteralExpr>(minus->operand)->count, INT32_MAX));
      else
        error(attribute->at, "&priority must be a constant number");
    } else if (attribute->kind == AttributeKind::deprecated && isFirst) {
      auto* literal = as<LiteralExpr>(attribute->value);
      symbol->isDeprecated = true;
      symbol->deprecation = literal != nullptr ? std::string(literal->text) : "";
    } else if (attribute->kind == AttributeKind::group) {
      if (auto* literal = as<LiteralExpr>(attribute->value))
        function.groups.emplace_back(literal->text);
    }
  }
  Frame frame;
  frame.function = &function;
  frame.type = target.type;
  frame.blocks.emplace_back();
  Frame* before = frame_;
  frame_ = &frame;
  bindParameters(function, decl->signature, target, decl->nameAt);
  // Known before its body is read, so that it can call itself.
  if (flavor == types::Flavor::function) {
    if (target.native >= 0 && originAt(decl->nameAt) != source::originBase)
      error(decl->nameAt, "\"" + symbol->name + "\" is built in and cannot be defined anew");
    if (!target.bodies.empty() && !decl->isRedef)
      error(decl->nameAt, "\"" + symbol->name + "\" already has a body")
          .notes.push_back({target.bodies.front()->at, "defined here"});
    target.bodies.clear();
  } else if (decl->isRedef) {
    target.bodies.clear();
  }
  auto place = std::upper_bound(
      target.bodies.begin(), target.bodies.end(), &function,
      [](const Function* one, const Function* other) { return one->priority > other->priority; });
  target.bodies.insert(place, &function);
  if (!decl->isDamaged) readBody(function, decl->signature, decl->body, frame);
  frame_ = before;
}

void Checker::topStatement(StatementDecl* decl) {
  if (statementsFrame_ == nullptr) {
    Function& function = program_->functions.emplace_back();
    function.name = "<statements>";
    function.module = module_;
    function.type = &types_.function(types::Flavor::function, {}, basic(Tag::void_));
    function.at = decl->at;
    function.origin = originAt(decl->at);
    program_->statements = &function;
    statementsFrame_ = std::make_unique<Frame>();
    statementsFrame_->function = &function;
    statementsFrame_->type = function.type;
    statementsFrame_->blocks.emplace_back();
    auto* body = arena_.make<Block>();
    body->kind = StmtKind::block;
    body->at = decl->at;
    function.body = body;
  }
  Frame* before = frame_;
  frame_ = statementsFrame_.get();
  statement(decl->statement);
  frame_ = before;
  statements_.push_back(decl->statement);
}

}  // namespace bulkhead::analysis
