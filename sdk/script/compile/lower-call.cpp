#include "sdk/script/compile/lower.h"

namespace bulkhead::compile {

using syntax::as;
using syntax::ExprKind;

int32_t Lowerer::siteOf(uint32_t function, std::vector<vm::Argument> arguments) {
  code().callSites.push_back({function, std::move(arguments), nullptr});
  return static_cast<int32_t>(code().callSites.size() - 1);
}

int32_t Lowerer::keySite(std::span<Expr* const> keys, const types::TableType& table) {
  std::vector<vm::Argument> arguments;
  if (keys.size() > vm::maxTableKeys) {
    module_.error(keys[0]->at, "a table cannot have more than 32 indices");
    return 0;
  }
  for (size_t i = 0; i < keys.size(); ++i) {
    const Type* type = i < table.indices().size() ? table.indices()[i] : keys[i]->type;
    bool last = i + 1 == keys.size();
    Reg reg = last ? valueAs(keys[i], type) : stableAs(keys[i], type);
    arguments.push_back({reg.bits, managed(type), false, type});
  }
  return siteOf(0, std::move(arguments));
}

int32_t Lowerer::callSite(uint32_t function, std::span<Expr* const> arguments,
                          const types::FuncType* type, bool native) {
  std::vector<vm::Argument> list;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const Expr* argument = arguments[i];
    const Type* wanted = i < type->parameters().size() ? type->parameters()[i].type : nullptr;
    if (native && (wanted == nullptr || wanted->is(Tag::any))) {
      // Native code takes any value with its static type: no box.
      while (const auto* coerce = as<syntax::CoerceExpr>(argument)) {
        if (coerce->coercion != syntax::CoerceKind::toAny) break;
        argument = coerce->operand;
      }
      wanted = argument->type;
    }
    if (wanted == nullptr) wanted = argument->type;
    bool restQuiet = true;
    for (size_t j = i + 1; j < arguments.size(); ++j) restQuiet = restQuiet && quiet(arguments[j]);
    Reg reg;
    if (native) {
      // A native function may call back into script that replaces what a borrowed value hangs on.
      const auto* name = as<syntax::NameExpr>(argument);
      bool isLocal = name != nullptr && name->symbol->kind == analysis::SymbolKind::local;
      reg = isLocal && restQuiet ? valueAs(argument, wanted) : stableAs(argument, wanted);
    } else {
      reg = restQuiet ? valueAs(argument, wanted) : stableAs(argument, wanted);
    }
    bool take = !native && reg.bits >= Emitter::managedBase && reg.bits < Emitter::plainBase &&
                emit_.isTemporary(reg);
    list.push_back({reg.bits, managed(wanted), take, wanted});
  }
  return siteOf(function, std::move(list));
}

void Lowerer::callInto(const syntax::CallExpr& call, Reg target) {
  if (call.tooMany) {
    at(call.at);
    emit_.emit(Op::fail, noReg, noReg, noReg,
               module_.stringConstant("too many arguments for function call"));
    return;
  }
  const auto& type = call.callee->type->asFunc();
  const Type* result = type.result();
  bool managedResult = managed(result);
  // A dropped result still has to be released.
  const auto* name = as<syntax::NameExpr>(call.callee);
  bool direct = name != nullptr && name->symbol->kind == analysis::SymbolKind::callable;
  if (direct) {
    at(call.at);
    if (failUnset(*name->symbol)) return;
    const analysis::Callable& callable = module_.program().callables[name->symbol->index];
    uint32_t function = module_.functionOf(*name->symbol);
    const types::FuncType* declared = callable.type != nullptr ? callable.type : &type;
    if (declared->flavor() == types::Flavor::hook) {
      int32_t site = callSite(function, call.arguments, declared, false);
      for (vm::Argument& argument : code().callSites.back().arguments) argument.take = false;
      at(call.at);
      emit_.emit(Op::callHook, target, noReg, noReg, site);
      return;
    }
    bool native = callable.native >= 0;
    int32_t site = callSite(function, call.arguments, declared, native);
    at(call.at);
    if (native && managedResult && !target.none()) ++nativeValues_;
    Op op = native ? (managedResult ? Op::callNativeM : Op::callNative)
                   : (managedResult ? Op::callM : Op::call);
    emit_.emit(op, target, noReg, noReg, site);
    return;
  }
  // Whose function it is shows at run time.
  if (managedResult && !target.none()) ++nativeValues_;
  Reg callee = stable(call.callee);
  int32_t site = callSite(0, call.arguments, &type, false);
  for (vm::Argument& argument : code().callSites.back().arguments) argument.take = false;
  code().callSites.back().result = result;
  at(call.at);
  emit_.emit(managedResult ? Op::callValueM : Op::callValue, target, callee, noReg, site);
}

void Lowerer::raise(const syntax::EventCall& event, Reg delay) {
  if (event.symbol == nullptr) {
    module_.error(event.at, "no such event");
    return;
  }
  const Symbol& symbol = *event.symbol;
  const auto& type = symbol.type->asFunc();
  if (symbol.kind == analysis::SymbolKind::callable) {
    int32_t site = callSite(module_.functionOf(symbol), event.arguments, &type, false);
    for (vm::Argument& argument : code().callSites.back().arguments) argument.take = false;
    at(event.at);
    if (delay.none()) {
      emit_.emit(Op::raise, noReg, noReg, noReg, site);
    } else {
      emit_.emit(Op::schedule, delay, noReg, noReg, site);
    }
    return;
  }
  if (!delay.none()) {
    module_.error(event.at, "only an event that is named can be scheduled");
    return;
  }
  Reg callee;
  if (symbol.kind == analysis::SymbolKind::local) {
    checkSet(symbol);
    callee = localReg(symbol);
  } else {
    callee = emit_.temporary(true);
    emit_.emit(Op::getGM, callee, noReg, noReg, static_cast<int32_t>(symbol.index));
  }
  int32_t site = callSite(0, event.arguments, &type, false);
  for (vm::Argument& argument : code().callSites.back().arguments) argument.take = false;
  at(event.at);
  emit_.emit(Op::raiseValue, callee, noReg, noReg, site);
}

}  // namespace bulkhead::compile
