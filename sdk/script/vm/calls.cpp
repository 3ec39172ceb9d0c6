// Calls from bytecode and from native code: script functions, native functions, hooks.

#include "sdk/script/vm/vm-impl.h"

#include <cassert>

namespace bulkhead::vm {

namespace {

// Arguments as a native function sees them, without the heap for ordinary counts of them.
class ArgumentBuffer {
 public:
  explicit ArgumentBuffer(size_t size) : size_(size) {
    if (size > inlineSize) many_.resize(size);
  }
  ArgumentBuffer(const CallSite& site, const Slot* r) : ArgumentBuffer(site.arguments.size()) {
    TypedSlot* out = size_ > inlineSize ? many_.data() : few_;
    for (const Argument& argument : site.arguments) *out++ = {argument.type, r[argument.reg]};
  }
  TypedSlot& operator[](size_t i) { return size_ > inlineSize ? many_[i] : few_[i]; }
  std::span<const TypedSlot> span() { return {size_ > inlineSize ? many_.data() : few_, size_}; }

 private:
  static constexpr size_t inlineSize = 8;
  size_t size_;
  TypedSlot few_[inlineSize];
  std::vector<TypedSlot> many_;
};

}  // namespace

std::vector<Slot> Vm::Impl::collect(const CallSite& site, const Slot* r) {
  std::vector<Slot> values(site.arguments.size());
  for (size_t i = 0; i < values.size(); ++i) values[i] = r[site.arguments[i].reg];
  return values;
}

bool Vm::Impl::callSite(const Instruction& i, bool managed) {
  Frame& caller = frames.back();
  const CallSite& site = caller.code->callSites[static_cast<size_t>(i.d)];
  const Function& function = program.functions[site.function];
  if (activeWhen != nullptr && activeWhen->inCondition &&
      !(activeWhen->answers.empty() && activeWhen->waiting.empty())) {
    const uint64_t place = placeOfCall();
    if (activeWhen->waiting.contains(place)) {
      // The function ran as far as its `return when`, which will answer.
      status = RunStatus::deferred;
      return false;
    }
    Slot value;
    if (answered(place, value, function.type->result())) {
      if (i.a != noRegister) {
        if (managed) release(caller.base[i.a]);
        caller.base[i.a] = value;
      } else if (managed) {
        release(value);
      }
      ++caller.pc;
      return true;
    }
  }
  if (function.bodies.empty()) return fail("value used but not set (" + function.name + ")");
  const Code& code = program.codes[function.bodies[0].code];
  Slot* base = caller.base + caller.code->registerCount;
  if (stack.end() - base < static_cast<ptrdiff_t>(site.arguments.size())) {
    return fail("out of stack space");
  }
  Slot* r = caller.base;
  for (size_t n = 0; n < site.arguments.size(); ++n) {
    const Argument& argument = site.arguments[n];
    base[n] = r[argument.reg];
    if (argument.managed) {
      if (argument.take) {
        r[argument.reg] = Slot::unset();
      } else {
        retain(base[n]);
      }
    }
  }
  return push(code, base, nullptr, i.a, managed, false);
}

bool Vm::Impl::invokeNative(const Function& function, std::span<const TypedSlot> arguments,
                            Slot& result) {
  const types::FuncType& type = *function.type;
  bool managed = type.result()->isManaged();
  bool inCondition = activeWhen != nullptr && activeWhen->inCondition;
  if (inCondition) {
    uint64_t place = placeOfCall();
    if (answered(place, result, type.result())) return true;
    if (activeWhen->waiting.contains(place)) {
      // Asked already; the answer is under way.
      status = RunStatus::deferred;
      return false;
    }
  }
  budget -= 8;
  if (budget < 0 && !overBudget()) return false;
  size_t depth = frames.size();
  NativeCall call(vm, type, arguments);
  function.native->function(call);
  assert(frames.size() == depth);
  (void)depth;
  NativeCall::Outcome outcome = call.outcome();
  if (outcome.failed || outcome.deferred) {
    if (managed && outcome.returned) release(outcome.result);
    if (outcome.deferred) {
      status = RunStatus::deferred;
    } else {
      status = RunStatus::failed;
    }
    return false;
  }
  result = outcome.returned ? outcome.result : Slot::unset();
  nativeComplained = outcome.complained;
  return true;
}

bool Vm::Impl::lacksValue() {
  if (!nativeComplained) return fail("value used but not set");
  status = RunStatus::refused;
  return false;
}

bool Vm::Impl::leaveStatement() {
  Frame& frame = frames.back();
  const auto at = static_cast<uint32_t>(frame.pc - frame.code->instructions.data());
  for (const Code::Statement& statement : frame.code->statements) {
    --budget;  // a function may have very many
    if (at < statement.begin || at >= statement.end) continue;
    if (statement.next == Code::Statement::nowhere) return false;
    const bool atEnd = statement.next == Code::Statement::atEnd;
    frame.pc =
        atEnd ? &frame.code->instructions.back() : frame.code->instructions.data() + statement.next;
    status = RunStatus::done;
    return true;
  }
  return false;
}

bool Vm::Impl::callNativeSite(const Instruction& i, bool managed) {
  Frame& caller = frames.back();
  const CallSite& site = caller.code->callSites[static_cast<size_t>(i.d)];
  Slot* r = caller.base;
  ArgumentBuffer arguments(site, r);
  Slot result;
  if (!invokeNative(program.functions[site.function], arguments.span(), result)) return false;
  // A native function may have run script: the frames may have moved.
  r = frames.back().base;
  if (i.a != noRegister) {
    if (managed) {
      if (result.isUnset()) return lacksValue();
      Slot old = r[i.a];
      r[i.a] = result;
      release(old);
    } else {
      r[i.a] = result;
    }
  } else if (managed) {
    release(result);
  }
  return true;
}

bool Vm::Impl::alike(const Type* a, const Type* b) {
  if (a == b) return true;
  if (a == nullptr || b == nullptr) return false;
  if (a->tag() != b->tag()) return false;
  auto [known, fresh] = alike_.try_emplace({a, b}, false);
  if (fresh) known->second = types::sameLayout(a, b);
  return known->second;
}

bool Vm::Impl::takes(const types::FuncType& function, std::span<const TypedSlot> arguments) {
  const auto& parameters = function.parameters();
  if (function.variadic()) return true;
  if (parameters.size() != arguments.size()) return false;
  for (size_t n = 0; n < arguments.size(); ++n) {
    if (!alike(arguments[n].type, parameters[n].type)) return false;
  }
  return true;
}

bool Vm::Impl::adapt(const types::FuncType& function, std::span<const TypedSlot> arguments,
                     std::vector<Value>& adapted) {
  const auto& parameters = function.parameters();
  if (parameters.size() != arguments.size()) return fail("wrong number of arguments");
  for (size_t n = 0; n < arguments.size(); ++n) {
    if (arguments[n].type->isManaged() && arguments[n].slot.isUnset())
      return fail("value used but not set");
    std::string error;
    Value value = vm.convert(arguments[n], parameters[n].type, error);
    if (value.empty()) return fail(error);
    adapted.push_back(std::move(value));
  }
  return true;
}

// Runs the function to its end inside the caller's instruction: its values are not laid out as the
// caller counts on.
bool Vm::Impl::callConverted(const CallSite& site, std::span<const TypedSlot> arguments,
                             FunctionObject& closure, const Instruction& i, bool managed) {
  Vm::CallResult answer = vm.call(closure, arguments);
  if (answer.abandoned) return false;
  Value result;
  if (!answer.value.empty() && site.result != nullptr) {
    std::string error;
    result = vm.convert(answer.value.view(), site.result, error);
    if (result.empty()) return fail(error);
  }
  if (i.a != noRegister) {
    if (result.empty()) return fail("value used but not set");
    Slot* r = frames.back().base;
    Slot old = r[i.a];
    r[i.a] = result.take();
    if (managed) release(old);
  }
  ++frames.back().pc;
  return true;
}

bool Vm::Impl::callValueSite(const Instruction& i, bool managed) {
  Frame& caller = frames.back();
  const CallSite& site = caller.code->callSites[static_cast<size_t>(i.d)];
  Slot* r = caller.base;
  if (r[i.b].isUnset()) return fail("value used but not set");
  FunctionObject& closure = functionOf(r[i.b]);
  const Function& function = program.functions[closure.function];
  if (site.fits != function.type) {
    ArgumentBuffer typed(site, r);
    if (!takes(*function.type, typed.span()) || !alike(function.type->result(), site.result)) {
      return callConverted(site, typed.span(), closure, i, managed);
    }
    site.fits = function.type;
  }
  if (function.native != nullptr) {
    ArgumentBuffer typed(site, r);
    auto keep = Ref<FunctionObject>::share(&closure);
    Slot result;
    if (!invokeNative(function, typed.span(), result)) return false;
    r = frames.back().base;
    if (i.a != noRegister) {
      if (managed && result.isUnset()) return lacksValue();
      if (managed) release(r[i.a]);
      r[i.a] = result;
    } else if (function.type->result()->isManaged()) {
      release(result);
    }
    ++frames.back().pc;
    return true;
  }
  if (function.type->flavor() == types::Flavor::hook) {
    std::vector<Slot> arguments = collect(site, r);
    return startHook(closure.function, arguments, i.a, false);
  }
  if (function.bodies.empty()) return fail("value used but not set (" + function.name + ")");
  const Code& code = program.codes[function.bodies[0].code];
  if (site.arguments.size() != code.parameterCount) return fail("wrong number of arguments");
  Slot* base = caller.base + caller.code->registerCount;
  if (stack.end() - base < static_cast<ptrdiff_t>(site.arguments.size())) {
    return fail("out of stack space");
  }
  for (size_t n = 0; n < site.arguments.size(); ++n) {
    base[n] = r[site.arguments[n].reg];
    if (site.arguments[n].managed) retain(base[n]);
  }
  // A dropped result still has an owner to be: the callee knows whether it is counted.
  bool resultManaged = i.a == noRegister ? function.type->result()->isManaged() : managed;
  return push(code, base, &closure, i.a, resultManaged, false);
}

// ---- Hooks

bool Vm::Impl::bodyEnabled(const Body& body) const {
  if (disabledGroups.empty()) return true;
  if (!body.module.empty() && disabledGroups.contains("module " + body.module)) return false;
  for (const std::string& group : body.groups) {
    if (disabledGroups.contains(group)) return false;
  }
  return true;
}

bool Vm::Impl::callHookSite(const Instruction& i) {
  Frame& caller = frames.back();
  const CallSite& site = caller.code->callSites[static_cast<size_t>(i.d)];
  std::vector<Slot> arguments = collect(site, caller.base);
  return startHook(site.function, arguments, i.a, false);
}

bool Vm::Impl::startHook(uint32_t function, std::span<const Slot> arguments, uint16_t result,
                         bool entry) {
  const Function& callee = program.functions[function];
  Slot* base = topOfStack();
  if (stack.end() - base < static_cast<ptrdiff_t>(arguments.size())) {
    return fail("out of stack space");
  }
  const auto& parameters = callee.type->parameters();
  for (size_t i = 0; i < arguments.size(); ++i) {
    base[i] = arguments[i];
    if (parameters[i].type->isManaged()) retain(base[i]);
  }
  hooks.push_back({function, 0, base, result, entry});
  bool ended = false;
  Slot value;
  if (!continueHook(static_cast<uint32_t>(hooks.size()), false, ended, value)) return false;
  if (ended && !entry) {
    // No body at all.
    Frame& caller = frames.back();
    if (result != noRegister) caller.base[result] = value;
    ++caller.pc;
  }
  return true;
}

bool Vm::Impl::continueHook(uint32_t hook, bool broke, bool& ended, Slot& result) {
  HookRun& run = hooks[hook - 1];
  const Function& function = program.functions[run.function];
  while (!broke && run.nextBody < function.bodies.size()) {
    const Body& body = function.bodies[run.nextBody++];
    if (!bodyEnabled(body)) continue;
    const Code& code = program.codes[body.code];
    Slot* base = run.arguments + code.parameterCount;
    if (stack.end() - base < static_cast<ptrdiff_t>(code.parameterCount)) {
      endHook(hook);
      return fail("out of stack space");
    }
    for (uint32_t i = 0; i < code.parameterCount; ++i) {
      base[i] = run.arguments[i];
      if (code.parameterManaged[i] != 0) retain(base[i]);
    }
    if (!push(code, base, nullptr, noRegister, false, run.entry)) {
      endHook(hook);
      return false;
    }
    frames.back().hook = hook;
    ended = false;
    return true;
  }
  ended = true;
  result = Slot::ofBool(!broke);
  endHook(hook);
  return true;
}

void Vm::Impl::endHook([[maybe_unused]] uint32_t hook) {
  assert(hook == hooks.size());
  HookRun run = hooks.back();
  hooks.pop_back();
  const auto& parameters = program.functions[run.function].type->parameters();
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (parameters[i].type->isManaged()) release(run.arguments[i]);
  }
}

// ---- From outside

RunResult Vm::Impl::callFunction(uint32_t index, std::span<const Slot> arguments,
                                 FunctionObject* closure) {
  const Function& function = program.functions[index];
  if (function.native != nullptr) {
    ArgumentBuffer typed(arguments.size());
    const auto& parameters = function.type->parameters();
    for (size_t i = 0; i < arguments.size(); ++i) {
      typed[i] = {i < parameters.size() ? parameters[i].type : types.basic(types::Tag::any),
                  arguments[i]};
    }
    Slot result;
    if (!invokeNative(function, typed.span(), result)) return {status};
    return {RunStatus::done, result};
  }
  if (function.type->flavor() == types::Flavor::hook) {
    if (nativeDepth >= limits.nativeDepth) {
      fail("too many nested calls from native functions");
      return {RunStatus::failed};
    }
    const bool outermost = frames.empty();
    if (outermost) {
      if (exhausted()) return {status = RunStatus::failed};
      budget = static_cast<int64_t>(limits.instructions);
      overBudgetReported = false;
    }
    size_t before = hooks.size();
    if (!startHook(index, arguments, noRegister, true)) return {status};
    if (hooks.size() == before) return {RunStatus::done, Slot::ofBool(true)};
    ++nativeDepth;
    RunResult result = run();
    --nativeDepth;
    if (outermost) countInstructions();
    return result;
  }
  if (function.type->flavor() == types::Flavor::event) {
    runHandlers(static_cast<EventId>(function.event), arguments, causeNow(), networkTime);
    return {RunStatus::done, Slot::unset()};
  }
  if (function.bodies.empty()) {
    fail("value used but not set (" + function.name + ")");
    return {RunStatus::failed};
  }
  const Code& code = program.codes[function.bodies[0].code];
  if (arguments.size() != code.parameterCount) {
    fail("wrong number of arguments for " + function.name);
    return {RunStatus::failed};
  }
  return execute(code, arguments, closure);
}

// ---- NativeCall

Heap& NativeCall::heap() { return vm_.heap(); }

void NativeCall::returnText(std::string_view v) { returnObject(heap().string(v)); }
void NativeCall::returnAddr(const IpAddr& v) { returnSlot(heap().addr(v)); }
void NativeCall::returnSubnet(const Subnet& v) { returnSlot(heap().subnet(v)); }

void NativeCall::returnObject(Object* v) {
  if (v == nullptr) {
    fail("memory limit reached");
    return;
  }
  returnSlot(Slot::ofObject(v));
}

void NativeCall::returnValue(Value v) {
  if (v.empty()) return;
  const Type* type = v.type();
  if (type_.result()->is(types::Tag::any) && !type->is(types::Tag::any)) {
    returnSlot(heap().box(type, v.take()));
  } else {
    returnSlot(v.take());
  }
}

void NativeCall::fail(std::string message) {
  failed_ = true;
  vm_.impl().fail(std::move(message));
}

void NativeCall::failIn(const FunctionObject& function, std::string message) {
  failed_ = true;
  vm_.impl().status = RunStatus::failed;
  vm_.impl().reportAt(vm_.impl().placeOfFunction(function.function), std::move(message));
}

void NativeCall::warn(std::string message) {
  complained_ = true;
  vm_.impl().reportHere(Severity::error, std::move(message), true);
}

void NativeCall::caution(std::string message) {
  vm_.impl().reportHere(Severity::warning, std::move(message), true);
}

Value NativeCall::invoke(FunctionObject& function, std::span<const TypedSlot> arguments,
                         const Type* wanted) {
  Vm::CallResult result = vm_.call(function, arguments);
  if (!result.abandoned && !result.value.empty() && wanted != nullptr) {
    std::string error;
    result.value = vm_.convert(result.value.view(), wanted, error);
    if (result.value.empty()) fail(error);
  }
  if (result.abandoned) {
    failed_ = true;
    deferred_ = vm_.impl().status == RunStatus::deferred;
  }
  return std::move(result.value);
}

Value NativeCall::invokeChecked(FunctionObject& function, std::span<const Slot> arguments) {
  Vm::CallResult result = vm_.call(function, arguments);
  if (result.abandoned) {
    failed_ = true;
    deferred_ = vm_.impl().status == RunStatus::deferred;
  }
  return std::move(result.value);
}

bool NativeCall::canDefer() const {
  const WhenState* state = vm_.impl().activeWhen;
  return state != nullptr && state->inCondition;
}

AsyncToken NativeCall::defer() {
  Vm::Impl& impl = vm_.impl();
  deferred_ = true;
  uint64_t place = impl.placeOfCall();
  AsyncToken token = impl.nextToken++;
  impl.activeWhen->waiting.emplace(place, token);
  impl.pendingAnswers.emplace(token, PendingAnswer{impl.activeWhen->id, place});
  return token;
}

void NativeCall::charge(uint64_t instructions) {
  vm_.impl().budget -= static_cast<int64_t>(std::min<uint64_t>(instructions, INT64_MAX / 4));
}

}  // namespace bulkhead::vm
