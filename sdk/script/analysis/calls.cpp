// Calls of functions, hooks and events.

#include "sdk/script/analysis/checker.h"

namespace bulkhead::analysis {

const Type* Checker::checkArguments(std::span<Expr*>& arguments, const types::FuncType& type,
                                    Location at, std::string_view name) {
  // The prototype whose number of parameters fits; the first one if none does.
  const auto* parameters = &type.parameters();
  const std::vector<uint32_t>* offsets = nullptr;
  if (arguments.size() != parameters->size() && !type.variadic())
    for (const auto& alternate : type.alternates())
      if (alternate.parameters.size() == arguments.size()) {
        parameters = &alternate.parameters;
        offsets = &alternate.offsets;
        break;
      }
  std::vector<Expr*> complete(arguments.begin(), arguments.end());
  size_t needed = parameters->size();
  while (needed > 0 && (*parameters)[needed - 1].defaultExpr != types::noIndex) --needed;
  if (complete.size() < needed || (complete.size() > parameters->size() && !type.variadic())) {
    std::string wanted;
    for (const auto& parameter : *parameters)
      wanted += (wanted.empty() ? "" : ", ") + parameter.name + ": " + text(parameter.type);
    error(at, "\"" + std::string(name) + "\" takes " + std::to_string(parameters->size()) +
                  " arguments (" + wanted + "), here are " + std::to_string(complete.size()));
    for (Expr*& argument : complete) check(argument, nullptr);
    return nullptr;
  }
  bool good = true;
  for (size_t i = 0; i < complete.size(); ++i) {
    if (i < parameters->size()) {
      const auto& parameter = (*parameters)[i];
      good = checkAs(complete[i], parameter.type,
                     "argument " + std::to_string(i + 1) + " (" + parameter.name + ") of \"" +
                         std::string(name) + "\"") &&
             good;
    } else {
      const Type* have = check(complete[i], nullptr);
      if (!isError(have) && have->is(Tag::void_)) error(complete[i]->at, "this call has no result");
    }
  }
  for (size_t i = complete.size(); i < parameters->size(); ++i)
    complete.push_back(program_->defaults[static_cast<size_t>((*parameters)[i].defaultExpr)].value);
  if (offsets != nullptr) {
    // Spread over the first prototype; what the alternate leaves out must have a default there.
    std::vector<Expr*> spread(type.parameters().size(), nullptr);
    for (size_t i = 0; i < complete.size(); ++i) spread[(*offsets)[i]] = complete[i];
    for (size_t i = 0; i < spread.size(); ++i)
      if (spread[i] == nullptr) {
        if (type.parameters()[i].defaultExpr == types::noIndex) {
          error(at, "a call of \"" + std::string(name) + "\" must give the argument \"" +
                        type.parameters()[i].name + "\"");
          return nullptr;
        }
        spread[i] = program_->defaults[static_cast<size_t>(type.parameters()[i].defaultExpr)].value;
      }
    complete = std::move(spread);
  }
  arguments = arena_.list(complete);
  return good ? type.result() : nullptr;
}

const Type* Checker::checkCall(Expr*& expr) {
  auto* call = as<CallExpr>(expr);
  // T(...) makes a value of a type T of a container or record.
  if (auto* name = as<NameExpr>(call->callee)) {
    Symbol* symbol = lookup(name->name, name->at);
    if (symbol != nullptr && symbol->kind == SymbolKind::type) {
      deprecated(*symbol, name->at);
      const Type* type = symbol->type;
      if (isError(type)) return errorType();
      if (type->is(Tag::record) || type->isTableOrSet() || type->is(Tag::vector)) {
        expr = constructorOf(call, type);
        return check(expr, type);
      }
      return bad(expr, name->at, "a value of type " + text(type) + " is not made by a call");
    }
  }
  const Type* callee = check(call->callee, nullptr);
  if (isError(callee)) {
    for (Expr*& argument : call->arguments) check(argument, nullptr);
    return errorType();
  }
  if (!callee->is(Tag::function)) {
    // `any` may hold a function; what it takes shows at run time.
    return bad(expr, call->callee->at, "a value of type " + text(callee) + " cannot be called");
  }
  const auto& type = callee->asFunc();
  std::string shown = "function";
  if (auto* name = as<NameExpr>(call->callee))
    shown = name->symbol != nullptr ? name->symbol->name : std::string(name->name);
  if (call->viaHook && type.flavor() != types::Flavor::hook)
    error(call->at, "\"" + shown + "\" is no hook");
  if (!call->viaHook && type.flavor() == types::Flavor::hook)
    error(call->at, "a hook is called with `hook " + shown + "(...)`");
  if (type.flavor() == types::Flavor::event)
    error(call->at, "an event is raised with `event " + shown + "(...)`");
  if (frame_ != nullptr && frame_->when != nullptr && frame_->inCondition)
    frame_->when->callsFunctions = true;
  // Zeek takes any number of arguments for one `any`, and a script function fails as it is called.
  auto* direct = as<NameExpr>(call->callee);
  bool builtin = direct != nullptr && direct->symbol != nullptr &&
                 direct->symbol->kind == SymbolKind::callable &&
                 callable(direct->symbol).native >= 0;
  if (!builtin && type.flavor() == types::Flavor::function && type.parameters().size() == 1 &&
      type.parameters()[0].type->is(Tag::any) && !type.variadic() && call->arguments.size() > 1) {
    for (Expr*& argument : call->arguments) check(argument, nullptr);
    call->tooMany = true;
    return type.result();
  }
  checkArguments(call->arguments, type, call->at, shown);
  if (builtin && shown == "find_in_zeekpath") noteScriptAskedFor(*call);
  return type.result();
}

bool Checker::checkEventCall(EventCall* call) {
  Symbol* symbol = lookup(call->name, call->at);
  const types::FuncType* type = nullptr;
  if (symbol == nullptr) {
    unknownName(call->name, call->at);
  } else if (symbol->type == nullptr || isError(symbol->type) || !symbol->type->is(Tag::function) ||
             symbol->type->asFunc().flavor() != types::Flavor::event) {
    error(call->at, "\"" + symbol->name + "\" is no event")
        .notes.push_back({symbol->at, "declared here"});
  } else {
    type = &symbol->type->asFunc();
    deprecated(*symbol, call->at);
    symbol->used = true;
  }
  call->symbol = symbol;
  if (type == nullptr) {
    for (Expr*& argument : call->arguments) check(argument, nullptr);
    return false;
  }
  return checkArguments(call->arguments, *type, call->at, symbol->name) != nullptr;
}

}  // namespace bulkhead::analysis
