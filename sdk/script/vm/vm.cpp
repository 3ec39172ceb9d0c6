#include "sdk/script/vm/vm.h"

#include "sdk/script/vm/describe.h"
#include "sdk/script/vm/hash.h"
#include "sdk/script/vm/out-of-memory.h"
#include "sdk/script/vm/pattern.h"
#include "sdk/script/vm/vm-impl.h"

#include <algorithm>
#include <cmath>
#include <new>
#include <sys/mman.h>

namespace bulkhead::vm {

namespace {

// Registers of all frames together; a deeper stack is a run-time error.
constexpr size_t stackSlots = size_t{1} << 20;
// Stack entries in one report.
constexpr size_t maxReportedFrames = 20;

}  // namespace

RegisterStack::RegisterStack(size_t slots) {
  void* memory = mmap(nullptr, slots * sizeof(Slot), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) outOfMemory();
  begin_ = static_cast<Slot*>(memory);
  end_ = begin_ + slots;
}

RegisterStack::~RegisterStack() {
  munmap(static_cast<void*>(begin_), static_cast<size_t>(end_ - begin_) * sizeof(Slot));
}

Vm::Impl::Impl(Vm& owner, const Program& runs, types::TypeTable& typeTable, Host& world,
               const Limits& bounds)
    : vm(owner),
      program(runs),
      types(typeTable),
      host(world),
      limits(bounds),
      stack(stackSlots),
      frames(bounds.frames),
      heap(typeTable) {
  heap.setAlarm(&budget);
  heap.watchPackageWork(packageFrames, cause.viaPackage);
  heap.setLimits(limits.heap);
  globals.assign(program.globals.size(), Slot::unset());
  eventCalls.assign(program.events.size(), 0);
  globalFlags.assign(program.globals.size(), 0);
  functionValues.assign(program.functions.size(), Slot::unset());
  limitRecursion(limits.recursion);
  for (const Function& function : program.functions) {
    bool direct = function.native == nullptr && function.bodies.size() == 1 &&
                  function.type->flavor() == types::Flavor::function;
    directCodes.push_back(direct ? &program.codes[function.bodies[0].code] : nullptr);
  }
  makeConstants();
  makeLayouts();
}

Vm::Impl::~Impl() = default;

Slot Vm::Impl::constantSlot(const Constant& constant) {
  if (constant.isFunction) return vm.functionValue(constant.function).take();
  switch (constant.type->tag()) {
    case types::Tag::string: {
      StringObject* string = heap.string(constant.text);
      return Slot::ofObject(string != nullptr ? string : heap.emptyString());
    }
    case types::Tag::addr:
      return heap.addr(constant.address);
    case types::Tag::subnet:
      return heap.subnet({constant.address, constant.width});
    case types::Tag::pattern: {
      std::string error;
      CompiledPattern::Flags flags{(constant.patternFlags & 1) != 0,
                                   (constant.patternFlags & 2) != 0};
      auto pattern = CompiledPattern::compile(constant.text, flags, error);
      // The compiler has tried it already; one that matches nothing keeps the slot valid.
      if (pattern == nullptr) pattern = CompiledPattern::compile("[^\\x00-\\xff]", {}, error);
      return Slot::ofObject(heap.pattern(std::move(pattern)));
    }
    default:
      return constant.plain;
  }
}

void Vm::Impl::makeConstants() {
  constants.reserve(program.constants.size());
  for (const Constant& constant : program.constants) constants.push_back(constantSlot(constant));
}

void Vm::Impl::limitRecursion(uint64_t calls) {
  maxRecursion = calls;
  frames.setMost(calls == 0 ? limits.frames : calls);
}

void Vm::Impl::makeLayouts() {
  for (const auto& [type, defaults] : program.fieldDefaults) {
    RecordLayout& layout = heap.layout(type);
    for (const Program::FieldDefault& initial : defaults) {
      if (initial.constant == noFunction) {
        layout.defaults.push_back({initial.field, static_cast<uint32_t>(initial.code)});
        continue;
      }
      Slot slot = constants[static_cast<size_t>(initial.constant)];
      if (layout.isManaged(initial.field)) retain(slot);
      layout.image[initial.field] = slot;
      layout.imagePresence[initial.field / 64] |= uint64_t{1} << (initial.field % 64);
    }
  }
}

Vm::Vm(const Program& program, types::TypeTable& types, Host& host, const Limits& limits)
    : impl_(std::make_unique<Impl>(*this, program, types, host, limits)) {}

Vm::~Vm() { shutdown(); }

void Vm::shutdown() {
  Impl& impl = *impl_;
  impl.extensions.clear();
  impl.whens.clear();
  for (QueuedEvent& event : impl.events) impl.releaseArguments(event.event, event.arguments);
  impl.events.clear();
  for (Timer& timer : impl.timers) {
    if (timer.kind == Timer::Kind::event) impl.releaseArguments(timer.event, timer.arguments);
  }
  impl.timers.clear();
  impl.heap.takeUnarmed();
  for (size_t i = 0; i < impl.globals.size(); ++i) {
    Slot old = std::exchange(impl.globals[i], Slot::unset());
    impl.globalFlags[i] = 0;
    if (impl.program.globals[i].type->isManaged()) release(old);
  }
  for (Slot& value : impl.functionValues) {
    release(value);
    value = Slot::unset();
  }
  for (size_t i = 0; i < impl.constants.size(); ++i) {
    if (impl.program.constants[i].type->isManaged()) release(impl.constants[i]);
  }
  impl.constants.clear();
  impl.closeDroppedFiles();
}

const Program& Vm::program() const { return impl_->program; }
Heap& Vm::heap() { return impl_->heap; }
types::TypeTable& Vm::types() { return impl_->types; }
Host& Vm::host() { return impl_->host; }
const Counters& Vm::counters() const { return impl_->counters; }
const Limits& Vm::limits() const { return impl_->limits; }

bool Vm::initialize() {
  const Code& code = impl_->program.codes[impl_->program.initializer];
  impl_->initialized = impl_->execute(code, {}, nullptr).status == RunStatus::done;
  if (impl_->initialized) return true;
  // The error may stand in a function far from the variable that it leaves without a value.
  const auto& steps = impl_->program.initialValues;
  auto after = std::upper_bound(steps.begin(), steps.end(), impl_->unwoundAt,
                                [](uint32_t pc, const Code::Line& step) { return pc < step.pc; });
  if (after != steps.begin()) {
    const Code::Line& step = *--after;
    impl_->reportAt({impl_->program.files[step.file], step.line, step.column},
                    "initialization failed: this variable has no value");
  }
  return false;
}

bool Vm::initialized() const { return impl_->initialized; }

double Vm::networkTime() const { return impl_->networkTime; }

void Vm::setNetworkTime(double seconds) {
  if (impl_->startTime == 0) impl_->startTime = seconds;
  impl_->networkTime = seconds;
}

Cause Vm::currentCause() const { return impl_->causeNow(); }

void Vm::setRoot(uint64_t seq) { impl_->cause = {seq, false}; }

Vm::CallResult Vm::call(uint32_t function, std::span<const Slot> arguments) {
  RunResult result = impl_->callFunction(function, arguments, nullptr);
  if (result.status != RunStatus::done) {
    impl_->status = result.status;
    return {{}, true};
  }
  const Type* type = impl_->program.functions[function].type->result();
  if (type->is(types::Tag::void_)) return {};
  // A function that falls off its end returns nothing.
  if (result.none || (type->isManaged() && result.value.isUnset())) return {};
  return {Value::adopt(type, result.value), false};
}

Vm::CallResult Vm::call(FunctionObject& function, std::span<const Slot> arguments) {
  auto keep = Ref<FunctionObject>::share(&function);
  RunResult result = impl_->callFunction(function.function, arguments,
                                         function.captureCount > 0 ? &function : nullptr);
  if (result.status != RunStatus::done) {
    impl_->status = result.status;
    return {{}, true};
  }
  const Type* type = impl_->program.functions[function.function].type->result();
  if (type->is(types::Tag::void_)) return {};
  if (result.none || (type->isManaged() && result.value.isUnset())) return {};
  return {Value::adopt(type, result.value), false};
}

Vm::CallResult Vm::call(FunctionObject& function, std::span<const TypedSlot> arguments) {
  auto keep = Ref<FunctionObject>::share(&function);
  std::vector<Slot> slots;
  std::vector<Value> adapted;
  slots.reserve(arguments.size());
  if (impl_->takes(*function.type, arguments)) {
    for (const TypedSlot& argument : arguments) slots.push_back(argument.slot);
  } else {
    if (!impl_->adapt(*function.type, arguments, adapted)) return {{}, true};
    for (const Value& argument : adapted) slots.push_back(argument.slot());
  }
  return call(function, std::span<const Slot>(slots));
}

Vm::CallResult Vm::evaluate(uint32_t index) {
  const Code& code = impl_->program.codes[index];
  RunResult result = impl_->execute(code, {}, nullptr);
  if (result.status != RunStatus::done) {
    impl_->status = result.status;
    return {{}, true};
  }
  return {Value::adopt(code.resultType, result.value), false};
}

Ref<FunctionObject> Vm::functionValue(uint32_t function) {
  Slot& slot = impl_->functionValues[function];
  if (slot.isUnset()) {
    slot = Slot::ofObject(
        impl_->heap.function(impl_->program.functions[function].type, function, 0, 0));
  }
  return Ref<FunctionObject>::share(&functionOf(slot));
}

Value Vm::global(uint32_t index) const {
  const Global& global = impl_->program.globals[index];
  if ((impl_->globalFlags[index] & globalSet) == 0) return {};
  if (global.type->isManaged() && impl_->globals[index].isUnset()) return {};
  return Value::share(global.type, impl_->globals[index]);
}

std::optional<uint32_t> Vm::findGlobal(std::string_view name) const {
  return impl_->program.findGlobal(name);
}

void Vm::setGlobal(uint32_t index, Slot value) {
  Slot old = std::exchange(impl_->globals[index], value);
  if (impl_->program.globals[index].type->isManaged()) release(old);
  impl_->globalFlags[index] |= globalSet;
  if ((impl_->globalFlags[index] & globalWatched) != 0)
    impl_->heap.noteWatchedChange(&impl_->globals[index]);
}

Ref<RecordObject> Vm::makeRecord(const types::RecordType* type) {
  Slot value;
  if (!impl_->makeRecord(type, value)) return {};
  return Ref<RecordObject>::adopt(&recordOf(value));
}

Value Vm::convert(TypedSlot value, const Type* to, std::string& error) {
  constexpr int depth = 100;
  return impl_->convert(value, to, error, depth);
}

std::string Vm::describe(TypedSlot value) const {
  return vm::describe(&impl_->program, value, describeRaw);
}

void Vm::enableGroup(const std::string& group, bool enabled) {
  if (enabled) {
    impl_->disabledGroups.erase(group);
  } else {
    impl_->disabledGroups.insert(group);
  }
}

bool Vm::groupEnabled(const std::string& group) const {
  return !impl_->disabledGroups.contains(group);
}

void Vm::report(Severity severity, std::string message) {
  impl_->reportHere(severity, std::move(message), false);
}

Place Vm::currentPlace() const {
  if (impl_->frames.empty()) return {};
  const Frame& frame = impl_->frames.back();
  return impl_->placeOf(*frame.code, frame.pc);
}

std::vector<StackEntry> Vm::scriptStack() const {
  std::vector<StackEntry> stack;
  for (size_t i = impl_->frames.size(); i > 0 && stack.size() < maxReportedFrames; --i) {
    const Frame& frame = impl_->frames[i - 1];
    stack.push_back({frame.code->name, impl_->placeOf(*frame.code, frame.pc)});
  }
  return stack;
}

uint64_t Vm::eventCalls(EventId event) const { return impl_->eventCalls[event]; }

std::vector<Value> Vm::stackArguments(size_t depth) const {
  std::vector<Value> out;
  if (depth >= impl_->frames.size()) return out;
  const Frame& frame = impl_->frames[impl_->frames.size() - 1 - depth];
  const Function* function = program().findFunction(frame.code->name);
  if (function == nullptr || !function->type->alternates().empty()) return out;
  const auto& parameters = function->type->parameters();
  if (parameters.size() != frame.code->parameterCount) return out;
  for (size_t i = 0; i < parameters.size(); ++i) {
    bool gone = parameters[i].type->isManaged() && frame.base[i].isUnset();
    out.push_back(gone ? Value() : Value::share(parameters[i].type, frame.base[i]));
  }
  return out;
}

uint64_t Vm::random() {
  impl_->randomState += 0x9e3779b97f4a7c15;
  return mix(impl_->randomState);
}

uint64_t Vm::maxRecursion() const { return impl_->maxRecursion; }
void Vm::setMaxRecursion(uint64_t calls) { impl_->limitRecursion(calls); }

void Vm::setPrintTap(PrintTap tap) { impl_->printTap = std::move(tap); }

void Vm::seedRandom(uint64_t seed) { impl_->randomState = seed; }

std::unique_ptr<Extension>& Vm::extensionSlot(const void* key) { return impl_->extensions[key]; }

void Vm::Impl::closeDroppedFiles() {
  for (uint64_t handle : heap.takeDroppedFiles()) host.closeFile(handle);
}

}  // namespace bulkhead::vm
