// The bytecode loop. One function by design: the dispatch of an instruction ends in the jump to the
// next, and everything slow is a call into support.cpp, calls.cpp and table-attributes.cpp.

#include "sdk/script/vm/opcodes.h"
#include "sdk/script/vm/pattern.h"
#include "sdk/script/vm/vm-impl.h"

#include <cassert>
#include <cmath>

#pragma GCC diagnostic ignored "-Wpedantic"  // labels as values

namespace bulkhead::vm {

namespace {

inline void gather(const CallSite& site, const Slot* r, Slot* keys) {
  for (size_t i = 0; i < site.arguments.size(); ++i) keys[i] = r[site.arguments[i].reg];
}
inline void putManaged(Slot& target, Slot owned) {
  Slot old = target;
  target = owned;
  release(old);
}
inline void copyManaged(Slot& target, Slot value) {
  retain(value);
  putManaged(target, value);
}

}  // namespace

Slot* Vm::Impl::topOfStack() const {
  if (frames.empty()) return stack.begin();
  Slot* top = frames.back().base + frames.back().code->registerCount;
  // Hook arguments lie above the frame that called the hook.
  if (!hooks.empty()) {
    const HookRun& hook = hooks.back();
    Slot* end = hook.arguments + program.functions[hook.function].type->parameters().size();
    if (end > top) top = end;
  }
  return top;
}

bool Vm::Impl::push(const Code& code, Slot* base, FunctionObject* closure, uint16_t result,
                    bool resultManaged, bool entry) {
  // The arguments are in place already and belong to the new frame, even if it cannot be.
  auto refuse = [&](std::string why) {
    for (uint32_t i = 0; i < code.parameterCount; ++i) {
      if (code.parameterManaged[i] != 0) release(base[i]);
    }
    return fail(std::move(why));
  };
  if (frames.full()) return refuse(tooDeep());
  if (stack.end() - base < static_cast<ptrdiff_t>(code.registerCount)) {
    return refuse("out of stack space");
  }
  budget -= code.callCharge;
  if (budget < 0 && !overBudget()) {
    for (uint32_t i = 0; i < code.parameterCount; ++i) {
      if (code.parameterManaged[i] != 0) release(base[i]);
    }
    return false;
  }
  if (code.managedEnd > code.parameterCount) {
    std::memset(static_cast<void*>(base + code.parameterCount), 0,
                (code.managedEnd - code.parameterCount) * sizeof(Slot));
  }
  if (closure != nullptr) ++closure->refs;
  packageFrames += code.origin >= types::originFirstPackage ? 1 : 0;
  frames.push_back(
      {&code, code.instructions.data(), base, closure, 0, result, resultManaged, entry});
  return true;
}

std::string Vm::Impl::tooDeep() const {
  if (maxRecursion == 0 || frames.size() < maxRecursion) return "too many nested calls";
  return "maximum recursion depth " + std::to_string(maxRecursion) + " exceeded";
}

bool Vm::Impl::refuseCall(const Code& code, const Slot* base) {
  if (frames.full()) return fail(tooDeep());
  if (stack.end() - base < static_cast<ptrdiff_t>(code.registerCount)) {
    return fail("out of stack space");
  }
  return overBudget();
}

void Vm::Impl::pop() {
  Frame frame = frames.back();
  frames.pop_back();
  const Code& code = *frame.code;
  packageFrames -= code.origin >= types::originFirstPackage ? 1 : 0;
  if (code.anyManagedParameter) {
    for (uint32_t i = 0; i < code.parameterCount; ++i) {
      if (code.parameterManaged[i] != 0) release(frame.base[i]);
    }
  }
  for (uint32_t i = code.parameterCount; i < code.managedEnd; ++i) release(frame.base[i]);
  if (frame.closure != nullptr) release(Slot::ofObject(frame.closure));
}

void Vm::Impl::unwindToEntry() {
  while (true) {
    Frame& frame = frames.back();
    bool entry = frame.entry;
    uint32_t hook = frame.hook;
    if (entry) unwoundAt = static_cast<uint32_t>(frame.pc - frame.code->instructions.data());
    pop();
    if (hook != 0) {
      entry = hooks[hook - 1].entry;
      endHook(hook);
    }
    if (entry) return;
  }
}

RunResult Vm::Impl::execute(const Code& code, std::span<const Slot> arguments,
                            FunctionObject* closure) {
  assert(arguments.size() == code.parameterCount);
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
  Slot* base = topOfStack();
  if (stack.end() - base < static_cast<ptrdiff_t>(arguments.size())) {
    fail("out of stack space");
    return {RunStatus::failed};
  }
  for (uint32_t i = 0; i < arguments.size(); ++i) {
    base[i] = arguments[i];
    if (code.parameterManaged[i] != 0) retain(base[i]);
  }
  if (!push(code, base, closure, noRegister, false, true)) return {status};
  ++nativeDepth;
  RunResult result = run();
  --nativeDepth;
  if (outermost) countInstructions();
  return result;
}

// Below zero is over the budget, by the heap's alarm or by the last charge: it counts as all of it.
void Vm::Impl::countInstructions() {
  counters.instructions +=
      limits.instructions - static_cast<uint64_t>(std::max<int64_t>(budget, 0));
}

RunResult Vm::Impl::run() {
  static const void* const labels[] = {
#define BULKHEAD_OP(name, operands, meaning) &&op_##name,
      BULKHEAD_OPCODES(BULKHEAD_OP)
#undef BULKHEAD_OP
  };

  const Instruction* pc = frames.back().pc;
  Slot* r = frames.back().base;
  const Code* code = frames.back().code;
  const Slot* const k = constants.data();

#define CASE(name) op_##name:
#define I (*pc)  // NOLINT
#define A r[pc->a]
#define B r[pc->b]
#define C r[pc->c]
#define NEXT()                                 \
  do {                                         \
    ++pc;                                      \
    goto* labels[static_cast<size_t>(pc->op)]; \
  } while (false)
#define GO(target)                             \
  do {                                         \
    pc = code->instructions.data() + (target); \
    goto* labels[static_cast<size_t>(pc->op)]; \
  } while (false)
#define JUMP_IF(condition)                       \
  do {                                           \
    if (condition) {                             \
      pc += pc->d;                               \
      goto* labels[static_cast<size_t>(pc->op)]; \
    }                                            \
    NEXT();                                      \
  } while (false)
// Before anything that may fail, report, or call back: the frame knows where it is.
#define SAVE() (frames.back().pc = pc)
#define TRY(expression)             \
  do {                              \
    SAVE();                         \
    if (!(expression)) goto unwind; \
  } while (false)
// After calls of script functions: the top frame is another one.
#define RELOAD()               \
  do {                         \
    pc = frames.back().pc;     \
    r = frames.back().base;    \
    code = frames.back().code; \
  } while (false)
// A call that needs no look at anything but its site: what callSite() and push() do, in line.
#define ENTER(site, callee, counted, called)                                                \
  do {                                                                                      \
    SAVE();                                                                                 \
    Slot* base = r + code->registerCount;                                                   \
    budget -= (callee)->callCharge;                                                         \
    if (budget < 0 || frames.full() ||                                                      \
        stack.end() - base < static_cast<ptrdiff_t>((callee)->registerCount)) {             \
      TRY(refuseCall(*(callee), base));                                                     \
    }                                                                                       \
    for (const Argument& argument : (site).arguments) {                                     \
      Slot& from = r[argument.reg];                                                         \
      *base = from;                                                                         \
      if (argument.managed) {                                                               \
        if (argument.take) {                                                                \
          from = Slot::unset();                                                             \
        } else {                                                                            \
          retain(*base);                                                                    \
        }                                                                                   \
      }                                                                                     \
      ++base;                                                                               \
    }                                                                                       \
    base = r + code->registerCount;                                                         \
    for (uint32_t n = (callee)->parameterCount; n < (callee)->managedEnd; ++n) {            \
      base[n] = Slot::unset();                                                              \
    }                                                                                       \
    packageFrames += (callee)->origin >= types::originFirstPackage ? 1 : 0;                 \
    FunctionObject* self = (called);                                                        \
    if (self != nullptr) ++self->refs;                                                      \
    frames.push_back(                                                                       \
        {(callee), (callee)->instructions.data(), base, self, 0, pc->a, (counted), false}); \
    code = (callee);                                                                        \
    r = base;                                                                               \
    pc = code->instructions.data();                                                         \
    goto* labels[static_cast<size_t>(pc->op)];                                              \
  } while (false)
#define FAIL(message) \
  do {                \
    SAVE();           \
    fail(message);    \
    goto unwind;      \
  } while (false)

  Slot value;
  goto* labels[static_cast<size_t>(pc->op)];

  CASE(nop) NEXT();
  CASE(move) A = B;
  NEXT();
  CASE(moveM) copyManaged(A, B);
  NEXT();
  CASE(takeM) {
    value = B;
    B = Slot::unset();
    putManaged(A, value);
    NEXT();
  }
  CASE(clearM) putManaged(A, Slot::unset());
  NEXT();
  CASE(loadK) A = k[I.d];
  NEXT();
  CASE(loadKM) copyManaged(A, k[I.d]);
  NEXT();
  CASE(loadI) A = Slot::ofInt(I.d);
  NEXT();
  CASE(loadFunction) {
    putManaged(A, vm.functionValue(static_cast<uint32_t>(I.d)).take());
    NEXT();
  }

  CASE(getG) A = globals[static_cast<uint32_t>(I.d)];
  NEXT();
  CASE(getGC) {
    if ((globalFlags[static_cast<uint32_t>(I.d)] & globalSet) == 0) goto unset_global;
    A = globals[static_cast<uint32_t>(I.d)];
    NEXT();
  }
  CASE(getGM) {
    value = globals[static_cast<uint32_t>(I.d)];
    if (value.isUnset()) goto unset_global;
    copyManaged(A, value);
    NEXT();
  }
  CASE(getGB) {
    value = globals[static_cast<uint32_t>(I.d)];
    if (value.isUnset()) goto unset_global;
    A = value;
    NEXT();
  }
  CASE(setG) {
    auto g = static_cast<uint32_t>(I.d);
    globals[g] = A;
    globalFlags[g] |= globalSet;
    if ((globalFlags[g] & globalWatched) != 0) heap.noteWatchedChange(&globals[g]);
    NEXT();
  }
  CASE(setGM) {
    auto g = static_cast<uint32_t>(I.d);
    copyManaged(globals[g], A);
    globalFlags[g] |= globalSet;
    if ((globalFlags[g] & globalWatched) != 0) heap.noteWatchedChange(&globals[g]);
    NEXT();
  }
  CASE(setGT) {
    auto g = static_cast<uint32_t>(I.d);
    value = A;
    A = Slot::unset();
    putManaged(globals[g], value);
    globalFlags[g] |= globalSet;
    if ((globalFlags[g] & globalWatched) != 0) heap.noteWatchedChange(&globals[g]);
    NEXT();
  }
  CASE(loadCapture) A = frames.back().closure->captures()[I.d];
  NEXT();
  CASE(loadCaptureM) copyManaged(A, frames.back().closure->captures()[I.d]);
  NEXT();
  CASE(storeCapture) frames.back().closure->captures()[I.d] = A;
  NEXT();
  CASE(storeCaptureM) copyManaged(frames.back().closure->captures()[I.d], A);
  NEXT();

  CASE(checkSet) {
    if (!A.boolean()) goto unset_local;
    NEXT();
  }
  CASE(checkSetM) {
    if (A.isUnset()) goto unset_local;
    NEXT();
  }

  CASE(getF) {
    RecordObject& record = recordOf(B);
    if ((record.presence()[I.c / 64] >> (I.c % 64) & 1) == 0) {
      TRY(missingField(record, I.c, value));
      A = value;
      NEXT();
    }
    A = reinterpret_cast<Slot*>(&record)[I.d];
    NEXT();
  }
  CASE(getFM) {
    RecordObject& record = recordOf(B);
    value = reinterpret_cast<Slot*>(&record)[I.d];
    if (value.isUnset()) {
      TRY(missingField(record, I.c, value));
      putManaged(A, value);
      NEXT();
    }
    copyManaged(A, value);
    NEXT();
  }
  CASE(getFB) {
    RecordObject& record = recordOf(B);
    value = reinterpret_cast<Slot*>(&record)[I.d];
    if (value.isUnset()) {
      // A default has no owner to borrow from: it becomes the field's value.
      TRY(missingField(record, I.c, value));
      reinterpret_cast<Slot*>(&record)[I.d] = value;
    }
    A = value;
    NEXT();
  }
  CASE(setF) {
    RecordObject& record = recordOf(A);
    reinterpret_cast<Slot*>(&record)[I.d] = B;
    record.presence()[I.c / 64] |= uint64_t{1} << (I.c % 64);
    heap.noteChange(record);
    NEXT();
  }
  CASE(setFM) {
    RecordObject& record = recordOf(A);
    copyManaged(reinterpret_cast<Slot*>(&record)[I.d], B);
    heap.noteChange(record);
    NEXT();
  }
  CASE(setFT) {
    RecordObject& record = recordOf(A);
    value = B;
    B = Slot::unset();
    putManaged(reinterpret_cast<Slot*>(&record)[I.d], value);
    heap.noteChange(record);
    NEXT();
  }
  CASE(hasF) {
    RecordObject& record = recordOf(B);
    A = Slot::ofBool((record.presence()[I.c / 64] >> (I.c % 64) & 1) != 0);
    NEXT();
  }
  CASE(hasFM) {
    A = Slot::ofBool(reinterpret_cast<Slot*>(B.object)[I.d].bits != 0);
    NEXT();
  }
  CASE(deleteF) TRY(deleteField(recordOf(A), I.c));
  NEXT();
  CASE(newRecord) {
    const auto& type = types.byId(static_cast<uint32_t>(I.d))->asRecord();
    putManaged(A, Slot::ofObject(heap.record(heap.layout(&type))));
    NEXT();
  }
  CASE(newRecordAll) {
    TRY(makeRecord(&types.byId(static_cast<uint32_t>(I.d))->asRecord(), value));
    putManaged(A, value);
    NEXT();
  }
  CASE(coerceRecord) {
    TRY(coerceRecord(code->recordMaps[static_cast<size_t>(I.d)], recordOf(B), value));
    putManaged(A, value);
    NEXT();
  }

  CASE(addI) A.count = B.count + C.count;
  NEXT();
  CASE(addII) A.count = B.count + static_cast<uint64_t>(static_cast<int64_t>(I.d));
  NEXT();
  CASE(subI) A.count = B.count - C.count;
  NEXT();
  CASE(subC) {
    if (C.count > B.count) {
      SAVE();
      reportHere(Severity::warning, "count underflow", true);
    }
    A.count = B.count - C.count;
    NEXT();
  }
  CASE(decC) {
    if (B.count == 0) {
      SAVE();
      reportHere(Severity::warning, "count underflow", true);
    }
    A.count = B.count - 1;
    NEXT();
  }
  CASE(mulI) A.count = B.count * C.count;
  NEXT();
  CASE(divI) {
    if (C.integer == 0) FAIL("division by zero");
    // The one quotient that does not fit wraps to itself.
    A.integer = C.integer == -1 ? static_cast<int64_t>(0 - B.count) : B.integer / C.integer;
    NEXT();
  }
  CASE(divC) {
    if (C.count == 0) FAIL("division by zero");
    A.count = B.count / C.count;
    NEXT();
  }
  CASE(modI) {
    if (C.integer == 0) FAIL("modulo by zero");
    A.integer = C.integer == -1 ? 0 : B.integer % C.integer;
    NEXT();
  }
  CASE(modC) {
    if (C.count == 0) FAIL("modulo by zero");
    A.count = B.count % C.count;
    NEXT();
  }
  CASE(addD) A.real = B.real + C.real;
  NEXT();
  CASE(subD) A.real = B.real - C.real;
  NEXT();
  CASE(mulD) A.real = B.real * C.real;
  NEXT();
  CASE(divD) {
    if (C.real == 0) FAIL("division by zero");
    A.real = B.real / C.real;
    NEXT();
  }
  CASE(negI) A.count = 0 - B.count;
  NEXT();
  CASE(negD) A.real = -B.real;
  NEXT();
  CASE(bitAnd) A.bits = B.bits & C.bits;
  NEXT();
  CASE(bitOr) A.bits = B.bits | C.bits;
  NEXT();
  CASE(bitXor) A.bits = B.bits ^ C.bits;
  NEXT();
  CASE(bitNot) A.bits = ~B.bits;
  NEXT();
  CASE(shiftLI) {
    if (B.integer < 0) FAIL("left shifting a negative number is undefined");
    A.count = C.count > 63 ? 0 : B.count << C.count;
    NEXT();
  }
  CASE(shiftLC) A.count = C.count > 63 ? 0 : B.count << C.count;
  NEXT();
  CASE(shiftRI) A.integer = B.integer >> std::min<uint64_t>(C.count, 63);
  NEXT();
  CASE(shiftRC) A.count = C.count > 63 ? 0 : B.count >> C.count;
  NEXT();
  CASE(notB) A = Slot::ofBool(!B.boolean());
  NEXT();
  CASE(absI) A.count = B.integer < 0 ? 0 - B.count : B.count;
  NEXT();
  CASE(absD) A.real = std::fabs(B.real);
  NEXT();
  CASE(intToReal) A.real = static_cast<double>(B.integer);
  NEXT();
  CASE(countToReal) A.real = static_cast<double>(B.count);
  NEXT();
  CASE(intToCount) {
    if (B.integer < 0) FAIL("overflow promoting from signed/double to unsigned arithmetic value");
    A = B;
    NEXT();
  }
  CASE(countToInt) {
    if (B.integer < 0) FAIL("overflow promoting from unsigned/double to signed arithmetic value");
    A = B;
    NEXT();
  }
  CASE(realToInt) {
    if (!(B.real > -9.3e18 && B.real < 9.2e18)) {
      FAIL("overflow promoting from unsigned/double to signed arithmetic value");
    }
    A.integer = static_cast<int64_t>(B.real);
    NEXT();
  }
  CASE(realToCount) {
    if (!(B.real > -1 && B.real < 1.8e19)) {
      FAIL("overflow promoting from signed/double to unsigned arithmetic value");
    }
    A.count = static_cast<uint64_t>(B.real);
    NEXT();
  }

  CASE(eqI) A = Slot::ofBool(B.bits == C.bits);
  NEXT();
  CASE(neI) A = Slot::ofBool(B.bits != C.bits);
  NEXT();
  CASE(ltI) A = Slot::ofBool(B.integer < C.integer);
  NEXT();
  CASE(leI) A = Slot::ofBool(B.integer <= C.integer);
  NEXT();
  CASE(ltC) A = Slot::ofBool(B.count < C.count);
  NEXT();
  CASE(leC) A = Slot::ofBool(B.count <= C.count);
  NEXT();
  CASE(eqD) A = Slot::ofBool(B.real == C.real);
  NEXT();
  CASE(neD) A = Slot::ofBool(B.real != C.real);
  NEXT();
  CASE(ltD) A = Slot::ofBool(B.real < C.real);
  NEXT();
  CASE(leD) A = Slot::ofBool(B.real <= C.real);
  NEXT();
  CASE(eqS) {
    A = Slot::ofBool(B.bits == C.bits || textOf(B) == textOf(C));
    NEXT();
  }
  CASE(eqV) {
    A = Slot::ofBool(equalValues(types.byId(static_cast<uint32_t>(I.d)), B, C));
    NEXT();
  }
  CASE(ltV) {
    A = Slot::ofBool(compareValues(types.byId(static_cast<uint32_t>(I.d)), B, C) < 0);
    NEXT();
  }
  CASE(leV) {
    A = Slot::ofBool(compareValues(types.byId(static_cast<uint32_t>(I.d)), B, C) <= 0);
    NEXT();
  }

  CASE(jump) {
    pc += I.d;
    goto* labels[static_cast<size_t>(pc->op)];
  }
  CASE(loop) {
    budget -= I.a;
    if (budget < 0) TRY(overBudget());
    pc += I.d;
    goto* labels[static_cast<size_t>(pc->op)];
  }
  CASE(jumpT) JUMP_IF(A.boolean());
  CASE(jumpF) JUMP_IF(!A.boolean());
  CASE(jumpEqI) JUMP_IF(A.bits == B.bits);
  CASE(jumpNeI) JUMP_IF(A.bits != B.bits);
  CASE(jumpLtI) JUMP_IF(A.integer < B.integer);
  CASE(jumpLeI) JUMP_IF(A.integer <= B.integer);
  CASE(jumpLtC) JUMP_IF(A.count < B.count);
  CASE(jumpLeC) JUMP_IF(A.count <= B.count);
  CASE(jumpLtD) JUMP_IF(A.real < B.real);
  CASE(jumpNotLtD) JUMP_IF(!(A.real < B.real));
  CASE(jumpLeD) JUMP_IF(A.real <= B.real);
  CASE(jumpNotLeD) JUMP_IF(!(A.real <= B.real));
  CASE(jumpEqN) JUMP_IF(A.integer == static_cast<int16_t>(I.b));
  CASE(jumpNeN) JUMP_IF(A.integer != static_cast<int16_t>(I.b));
  CASE(jumpLtIN) JUMP_IF(A.integer < static_cast<int16_t>(I.b));
  CASE(jumpGeIN) JUMP_IF(A.integer >= static_cast<int16_t>(I.b));
  CASE(jumpLtCN) JUMP_IF(A.count < I.b);
  CASE(jumpGeCN) JUMP_IF(A.count >= I.b);
  CASE(jumpUnset) JUMP_IF(A.isUnset());
  CASE(switchI) {
    const auto& table = code->numberSwitches[static_cast<size_t>(I.d)];
    auto it = table.targets.find(A.integer);
    GO(it == table.targets.end() ? table.otherwise : it->second);
  }
  CASE(switchS) {
    const auto& table = code->stringSwitches[static_cast<size_t>(I.d)];
    auto it = table.targets.find(std::string(textOf(A)));
    GO(it == table.targets.end() ? table.otherwise : it->second);
  }

  CASE(concat) {
    TRY(concat(B, C, value));
    putManaged(A, value);
    NEXT();
  }
  CASE(stringAt) {
    TRY(stringAt(B, C.integer, value));
    putManaged(A, value);
    NEXT();
  }
  CASE(stringSlice) {
    TRY(stringSlice(B, C.integer, r[I.c + 1].integer, value));
    putManaged(A, value);
    NEXT();
  }
  CASE(stringIn) {
    A = Slot::ofBool(textOf(C).find(textOf(B)) != std::string_view::npos);
    NEXT();
  }
  CASE(matchWhole) {
    A = Slot::ofBool(patternOf(B).pattern->matchesWhole(textOf(C)));
    NEXT();
  }
  CASE(matchIn) {
    A = Slot::ofBool(patternOf(B).pattern->matchesAnywhere(textOf(C)));
    NEXT();
  }
  CASE(patternOr) {
    TRY(joinPatterns(B, C, CompiledPattern::either, value));
    putManaged(A, value);
    NEXT();
  }
  CASE(patternAnd) {
    TRY(joinPatterns(B, C, CompiledPattern::inSequence, value));
    putManaged(A, value);
    NEXT();
  }
  CASE(patternAdd) {
    TRY(joinPatterns(B, C, CompiledPattern::added, value));
    putManaged(A, value);
    NEXT();
  }
  CASE(addrInSubnet) {
    A = Slot::ofBool(subnetOf(C).contains(addrOf(B)));
    NEXT();
  }
  CASE(subnetInSubnet) {
    Subnet inner = subnetOf(B);
    Subnet outer = subnetOf(C);
    A = Slot::ofBool(inner.width128() >= outer.width128() && outer.contains(inner.prefix));
    NEXT();
  }
  CASE(maskAddr) {
    TRY(maskAddr(B, C.count, value));
    putManaged(A, value);
    NEXT();
  }
  CASE(sizeOfAny) {
    TypedSlot inner = unboxed({types.basic(types::Tag::any), B});
    const Type* type = types.basic(types::Tag::count);
    switch (inner.type->tag()) {
      case types::Tag::real:
      case types::Tag::time:
      case types::Tag::interval:
      case types::Tag::subnet:
        type = types.basic(types::Tag::real);
        break;
      default:
        break;
    }
    putManaged(A, heap.box(type, sizeOf(inner.type, inner.slot)));
    NEXT();
  }
  CASE(sizeOf) A = sizeOf(types.byId(static_cast<uint32_t>(I.d)), B);
  NEXT();

  CASE(newTable) {
    const auto& type = types.byId(static_cast<uint32_t>(I.d))->asTable();
    const TableAttributes* attributes = I.b == 0 ? nullptr : &program.attributes[I.b - 1u];
    TableObject* table = heap.table(&type, attributes);
    if (heap.hasUnarmed()) armNew();
    putManaged(A, Slot::ofObject(table));
    NEXT();
  }
  CASE(attachAttributes) {
    TableObject& table = tableOf(A);
    if (table.extras == nullptr || table.extras->attributes == nullptr) {
      SAVE();
      if (table.iterators != 0 || !table.attach(&program.attributes[static_cast<size_t>(I.d)])) {
        FAIL("memory limit reached");
      }
      if (table.hasTimes()) armExpiry(table, -1);
    }
    NEXT();
  }
  CASE(tableHook) {
    TableExtras& extras = tableOf(A).makeExtras();
    Value& hook = I.d == 0   ? extras.defaultValue
                  : I.d == 1 ? extras.expireFunction
                             : extras.onChange;
    const Type* type = I.d == 0 && !extras.attributes->defaultIsFunction
                           ? tableOf(A).info->type->value()
                           : functionOf(B).type;
    hook = Value::share(type, B);
    NEXT();
  }
  CASE(has1) {
    TableObject& table = tableOf(B);
    uint32_t entry = table.lookUp(&C);
    if (entry != TableObject::none && table.extras != nullptr) touchRead(table, entry);
    A = Slot::ofBool(entry != TableObject::none);
    NEXT();
  }
  CASE(hasN) {
    TableObject& table = tableOf(B);
    Slot keys[maxTableKeys];
    gather(code->callSites[static_cast<size_t>(I.d)], r, keys);
    uint32_t entry = table.find(keys);
    if (entry != TableObject::none && table.extras != nullptr) touchRead(table, entry);
    A = Slot::ofBool(entry != TableObject::none);
    NEXT();
  }
  CASE(get1) {
    TableObject& table = tableOf(B);
    uint32_t entry = table.find(&C);
    if (entry != TableObject::none && table.extras == nullptr) {
      A = *table.valueOf(entry);
      NEXT();
    }
    Slot key = C;
    TRY(tableGet(table, &key, value));
    A = value;
    NEXT();
  }
  CASE(get1M) {
    TableObject& table = tableOf(B);
    uint32_t entry = table.find(&C);
    if (entry != TableObject::none && table.extras == nullptr) {
      copyManaged(A, *table.valueOf(entry));
      NEXT();
    }
    Slot key = C;
    TRY(tableGet(table, &key, value));
    putManaged(A, value);
    NEXT();
  }
  CASE(getN) {
    Slot keys[maxTableKeys];
    gather(code->callSites[static_cast<size_t>(I.d)], r, keys);
    TRY(tableGet(tableOf(B), keys, value));
    A = value;
    NEXT();
  }
  CASE(getNM) {
    Slot keys[maxTableKeys];
    gather(code->callSites[static_cast<size_t>(I.d)], r, keys);
    TRY(tableGet(tableOf(B), keys, value));
    putManaged(A, value);
    NEXT();
  }
  CASE(put1) {
    TableObject& table = tableOf(A);
    if (table.extras == nullptr && table.iterators == 0) {
      const TableInfo& info = *table.info;
      if (info.keyManaged[0] != 0) retain(B);
      if (info.valueManaged) retain(C);
      if (table.insert(&B, C) == TableObject::none) FAIL("memory limit reached");
      NEXT();
    }
    Slot key = B;
    TRY(insert(table, &key, C));
    NEXT();
  }
  CASE(raise1) {
    TableObject& table = tableOf(A);
    if (table.extras == nullptr) {
      const uint32_t entry = table.find(&B);
      if (entry == TableObject::none) FAIL("no such index");
      table.valueOf(entry)->count += C.count;
      heap.noteChange(table);
      NEXT();
    }
    TRY(raiseElement(table, B, C));
    NEXT();
  }
  CASE(putN) {
    Slot keys[maxTableKeys];
    gather(code->callSites[static_cast<size_t>(I.d)], r, keys);
    TRY(insert(tableOf(A), keys, B));
    NEXT();
  }
  CASE(add1) {
    TableObject& table = tableOf(A);
    if (table.extras == nullptr && table.iterators == 0) {
      if (table.info->keyManaged[0] != 0) retain(B);
      if (table.insert(&B, Slot::unset()) == TableObject::none) FAIL("memory limit reached");
      NEXT();
    }
    Slot key = B;
    TRY(insert(table, &key, Slot::unset()));
    NEXT();
  }
  CASE(addN) {
    Slot keys[maxTableKeys];
    gather(code->callSites[static_cast<size_t>(I.d)], r, keys);
    TRY(insert(tableOf(A), keys, Slot::unset()));
    NEXT();
  }
  CASE(delete1) {
    Slot key = B;
    TRY(erase(tableOf(A), &key));
    NEXT();
  }
  CASE(deleteN) {
    Slot keys[maxTableKeys];
    gather(code->callSites[static_cast<size_t>(I.d)], r, keys);
    TRY(erase(tableOf(A), keys));
    NEXT();
  }
  CASE(clearTable) {
    SAVE();
    if (A.object->kind == Kind::vector) {
      vectorOf(A).clear();
    } else {
      clear(tableOf(A));
    }
    NEXT();
  }
  CASE(hasAddr) {
    TableObject& table = tableOf(B);
    IpAddr address = addrOf(C);
    uint32_t entry = table.findCovering({address, static_cast<uint8_t>(address.isV4() ? 32 : 128)});
    if (entry != TableObject::none) touchRead(table, entry);
    A = Slot::ofBool(entry != TableObject::none);
    NEXT();
  }
  CASE(getAddr) {
    TRY(tableGetAddr(tableOf(B), C, value));
    A = value;
    NEXT();
  }
  CASE(getAddrM) {
    TRY(tableGetAddr(tableOf(B), C, value));
    putManaged(A, value);
    NEXT();
  }
  CASE(hasMatch) {
    A = Slot::ofBool(!tableOf(B).allMatching(textOf(C)).empty());
    NEXT();
  }
  CASE(getMatches) {
    TRY(tableMatches(tableOf(B), C, types.byId(static_cast<uint32_t>(I.d)), value));
    putManaged(A, value);
    NEXT();
  }
  CASE(setBinary) {
    TRY(setBinary(tableOf(B), tableOf(C), static_cast<SetOp>(I.d), value));
    putManaged(A, value);
    NEXT();
  }
  CASE(setCompare) {
    A = Slot::ofBool(setCompare(tableOf(B), tableOf(C), static_cast<SetOp>(I.d)));
    NEXT();
  }
  CASE(containerAdd) TRY(containerAdd(A, B, I.d != 0));
  NEXT();

  CASE(newVector) {
    putManaged(A, Slot::ofObject(heap.vector(&types.byId(static_cast<uint32_t>(I.d))->asVector())));
    NEXT();
  }
  CASE(vecGet) {
    VectorObject& vector = vectorOf(B);
    if (C.count < vector.size && vector.holes == nullptr) {
      A = vector.data[C.count];
      NEXT();
    }
    TRY(vectorGet(vector, C, value));
    A = value;
    NEXT();
  }
  CASE(vecGetM) {
    TRY(vectorGet(vectorOf(B), C, value));
    copyManaged(A, value);
    NEXT();
  }
  CASE(vecGetAny) {
    VectorObject& vector = vectorOf(B);
    TRY(vectorGet(vector, C, value));
    putManaged(A, boxElement(vector, value));
    NEXT();
  }
  CASE(vecPutAny) {
    VectorObject& vector = vectorOf(A);
    TRY(elementOf(vector, C, value) && vectorPut(vector, B, value));
    NEXT();
  }
  CASE(vecAppendAny) {
    VectorObject& vector = vectorOf(A);
    TRY(elementOf(vector, B, value));
    if (!vector.append(value)) FAIL("memory limit reached");
    NEXT();
  }
  CASE(vecHas) {
    VectorObject& vector = vectorOf(B);
    A = Slot::ofBool(C.count < vector.size && vector.has(static_cast<uint32_t>(C.count)));
    NEXT();
  }
  CASE(vecPut) {
    VectorObject& vector = vectorOf(A);
    if (vector.managed()) retain(C);
    TRY(vectorPut(vector, B, C));
    NEXT();
  }
  CASE(vecAppend) {
    VectorObject& vector = vectorOf(A);
    if (vector.managed()) retain(B);
    if (!vector.append(B)) FAIL("memory limit reached");
    NEXT();
  }
  CASE(vecSlice) {
    TRY(slice(vectorOf(B), C.integer, r[I.c + 1].integer, value));
    putManaged(A, value);
    NEXT();
  }
  CASE(vecPutSlice) {
    TRY(putSlice(vectorOf(A), B.integer, r[I.b + 1].integer, vectorOf(C)));
    NEXT();
  }
  CASE(vecSelect) {
    TRY(vectorSelect(vectorOf(B), vectorOf(C), value));
    putManaged(A, value);
    NEXT();
  }
  CASE(vecByIndex) {
    TRY(vectorByIndex(vectorOf(B), vectorOf(C), value));
    putManaged(A, value);
    NEXT();
  }
  CASE(vecBinary) {
    TRY(vectorBinary(code->vectorOperations[static_cast<size_t>(I.d)], vectorOf(B), vectorOf(C),
                     value));
    putManaged(A, value);
    NEXT();
  }
  CASE(vecUnary) {
    TRY(vectorUnary(code->vectorOperations[static_cast<size_t>(I.d)], vectorOf(B), value));
    putManaged(A, value);
    NEXT();
  }
  CASE(vecSpread) {
    VectorObject* vector = heap.vector(&types.byId(static_cast<uint32_t>(I.d))->asVector());
    auto owner = Ref<VectorObject>::adopt(vector);
    uint32_t size = vectorOf(C).size;
    for (uint32_t i = 0; i < size; ++i) {
      if (vector->managed()) retain(B);
      if (!vector->append(B)) FAIL("memory limit reached");
    }
    putManaged(A, owner.take());
    goto next;
  }
  CASE(vecChoose) {
    TRY(vectorChoose(vectorOf(B), vectorOf(C), vectorOf(r[static_cast<uint16_t>(I.d)]), value));
    putManaged(A, value);
    NEXT();
  }
  CASE(vecCoerce) {
    TRY(vectorUnary(code->vectorOperations[static_cast<size_t>(I.d)], vectorOf(B), value));
    putManaged(A, value);
    NEXT();
  }

  CASE(iterate) {
    auto* iterator = static_cast<IteratorObject*>(heap.allocate(sizeof(IteratorObject)));
    iterator->refs = 1;
    iterator->kind = Kind::iterator;
    iterator->flags = 0;
    iterator->extra = 0;
    iterator->subject = B.object;
    ++B.object->refs;
    iterator->position = UINT32_MAX;
    iterator->order = nullptr;
    switch (B.object->kind) {
      case Kind::table: {
        TableObject& table = tableOf(B);
        ++table.iterators;
        iterator->end = table.used;
        if (heap.walksSeeded()) putInOrder(*iterator);
        break;
      }
      case Kind::vector:
        iterator->end = vectorOf(B).size;
        break;
      default:
        iterator->end = stringOf(B).size;
        break;
    }
    putManaged(A, Slot::ofObject(iterator));
    NEXT();
  }
  CASE(nextEntry) {
    auto* iterator = static_cast<IteratorObject*>(A.object);
    auto* table = static_cast<TableObject*>(iterator->subject);
    uint32_t entry =
        iterator->order != nullptr ? nextInOrder(*iterator) : table->next(iterator->position + 1);
    iterator->position = entry;
    JUMP_IF(entry >= iterator->end);
  }
  CASE(nextElement) {
    auto* iterator = static_cast<IteratorObject*>(A.object);
    auto* vector = static_cast<VectorObject*>(iterator->subject);
    uint32_t at = iterator->position + 1;
    uint32_t end = std::min(iterator->end, vector->size);
    while (at < end && !vector->has(at)) ++at;
    iterator->position = at;
    JUMP_IF(at >= end);
  }
  CASE(nextByte) {
    auto* iterator = static_cast<IteratorObject*>(A.object);
    JUMP_IF(++iterator->position >= iterator->end);
  }
  CASE(entryKey) {
    auto* iterator = static_cast<IteratorObject*>(B.object);
    A = static_cast<TableObject*>(iterator->subject)->keysOf(iterator->position)[I.c];
    NEXT();
  }
  CASE(entryKeyM) {
    auto* iterator = static_cast<IteratorObject*>(B.object);
    copyManaged(A, static_cast<TableObject*>(iterator->subject)->keysOf(iterator->position)[I.c]);
    NEXT();
  }
  CASE(entryValue) {
    auto* iterator = static_cast<IteratorObject*>(B.object);
    A = *static_cast<TableObject*>(iterator->subject)->valueOf(iterator->position);
    NEXT();
  }
  CASE(entryValueM) {
    auto* iterator = static_cast<IteratorObject*>(B.object);
    copyManaged(A, *static_cast<TableObject*>(iterator->subject)->valueOf(iterator->position));
    NEXT();
  }
  CASE(elementIndex) {
    A = Slot::ofCount(static_cast<IteratorObject*>(B.object)->position);
    NEXT();
  }
  CASE(elementValue) {
    auto* iterator = static_cast<IteratorObject*>(B.object);
    A = static_cast<VectorObject*>(iterator->subject)->data[iterator->position];
    NEXT();
  }
  CASE(elementValueM) {
    auto* iterator = static_cast<IteratorObject*>(B.object);
    copyManaged(A, static_cast<VectorObject*>(iterator->subject)->data[iterator->position]);
    NEXT();
  }
  CASE(elementValueAny) {
    auto* iterator = static_cast<IteratorObject*>(B.object);
    auto& vector = *static_cast<VectorObject*>(iterator->subject);
    putManaged(A, boxElement(vector, vector.data[iterator->position]));
    NEXT();
  }
  CASE(byteValue) {
    auto* iterator = static_cast<IteratorObject*>(B.object);
    char byte = static_cast<StringObject*>(iterator->subject)->bytes()[iterator->position];
    StringObject* string = heap.string({&byte, 1});
    if (string == nullptr) FAIL("memory limit reached");
    putManaged(A, Slot::ofObject(string));
    NEXT();
  }

  CASE(box) {
    const Type* type = types.byId(static_cast<uint32_t>(I.d));
    if (type->isManaged()) retain(B);
    putManaged(A, heap.box(type, B));
    NEXT();
  }
  CASE(unbox) {
    TRY(unbox(B, types.byId(static_cast<uint32_t>(I.d)), value));
    A = value;
    NEXT();
  }
  CASE(unboxM) {
    TRY(unbox(B, types.byId(static_cast<uint32_t>(I.d)), value));
    putManaged(A, value);
    NEXT();
  }
  CASE(isType) {
    A = Slot::ofBool(isOfType(unboxed({types.basic(types::Tag::any), B}),
                              types.byId(static_cast<uint32_t>(I.d))));
    NEXT();
  }
  CASE(loadType) {
    putManaged(A, Slot::ofType(types.byId(static_cast<uint32_t>(I.d))));
    NEXT();
  }
  CASE(convert) {
    TRY(convertBy(code->conversions[static_cast<size_t>(I.d)], B, value));
    A = value;
    NEXT();
  }
  CASE(convertM) {
    TRY(convertBy(code->conversions[static_cast<size_t>(I.d)], B, value));
    putManaged(A, value);
    NEXT();
  }
  CASE(cast) {
    TRY(castBy(code->conversions[static_cast<size_t>(I.d)], B, value));
    A = value;
    NEXT();
  }
  CASE(castM) {
    TRY(castBy(code->conversions[static_cast<size_t>(I.d)], B, value));
    putManaged(A, value);
    NEXT();
  }
  CASE(canCast) {
    A = Slot::ofBool(canCast(code->conversions[static_cast<size_t>(I.d)], B));
    NEXT();
  }
  CASE(copyM) {
    Value copy = copyOf(types.byId(static_cast<uint32_t>(I.d)), B);
    if (copy.empty()) FAIL("value is too large or too deep to copy");
    if (heap.hasUnarmed()) armNew();
    putManaged(A, copy.take());
    goto next;
  }
  CASE(closure) {
    TRY(makeClosure(code->closureSites[static_cast<size_t>(I.d)], r, value));
    putManaged(A, value);
    NEXT();
  }

  CASE(call) {
    const CallSite& site = code->callSites[static_cast<size_t>(I.d)];
    const Code* callee = directCodes[site.function];
    if (callee == nullptr || activeWhen != nullptr) {
      TRY(callSite(I, false));
      RELOAD();
      goto* labels[static_cast<size_t>(pc->op)];
    }
    ENTER(site, callee, false, nullptr);
  }
  CASE(callM) {
    const CallSite& site = code->callSites[static_cast<size_t>(I.d)];
    const Code* callee = directCodes[site.function];
    if (callee == nullptr || activeWhen != nullptr) {
      TRY(callSite(I, true));
      RELOAD();
      goto* labels[static_cast<size_t>(pc->op)];
    }
    ENTER(site, callee, true, nullptr);
  }
  CASE(callNative) TRY(callNativeSite(I, false));
  NEXT();
  CASE(callNativeM) TRY(callNativeSite(I, true));
  NEXT();
  CASE(callValue) {
    const CallSite& site = code->callSites[static_cast<size_t>(I.d)];
    if (const Code* callee = knownCallee(site, I, r)) ENTER(site, callee, false, &functionOf(B));
    TRY(callValueSite(I, false));
    RELOAD();
    goto* labels[static_cast<size_t>(pc->op)];
  }
  CASE(callValueM) {
    const CallSite& site = code->callSites[static_cast<size_t>(I.d)];
    if (const Code* callee = knownCallee(site, I, r)) ENTER(site, callee, true, &functionOf(B));
    TRY(callValueSite(I, true));
    RELOAD();
    goto* labels[static_cast<size_t>(pc->op)];
  }
  CASE(callHook) {
    TRY(callHookSite(I));
    RELOAD();
    goto* labels[static_cast<size_t>(pc->op)];
  }
  CASE(ret) {
    value = A;
    goto returned;
  }
  CASE(retM) {
    value = A;
    retain(value);
    goto returned;
  }
  CASE(retT) {
    value = A;
    A = Slot::unset();
    goto returned;
  }
  CASE(retVoid) {
    value = Slot::unset();
    goto returned;
  }
  CASE(retNone) {
    reportHere(Severity::warning,
               "non-void function returning without a value: " +
                   program.constants[static_cast<size_t>(I.d)].text,
               false);
    value = Slot::unset();
    if (frames.back().entry && frames.back().hook == 0) {
      pop();
      return {RunStatus::done, value, true};
    }
    goto returned;
  }
  CASE(retBreak) {
    if (frames.back().hook == 0) {
      // A handler of an event, or a hook body run by itself.
      frames.back().entry = true;
      pop();
      return {RunStatus::broke, Slot::unset()};
    }
    {
      uint32_t hook = frames.back().hook;
      bool ended = false;
      bool entry = hooks[hook - 1].entry;
      pop();
      if (!continueHook(hook, true, ended, value)) {
        if (entry) return {status, Slot::unset()};
        goto unwind;
      }
      if (entry) return {RunStatus::done, value};
      goto deliver_hook;
    }
  }
  CASE(retWait) {
    pop();
    return {RunStatus::waiting, Slot::unset()};
  }
  CASE(watch) {
    if (activeWhen != nullptr && activeWhen->inCondition && A.isReference()) watch(*activeWhen, A);
    NEXT();
  }
  CASE(whenHolds) {
    if (activeWhen != nullptr) activeWhen->inCondition = false;
    NEXT();
  }
  CASE(raise) {
    const CallSite& site = code->callSites[static_cast<size_t>(I.d)];
    const Function& function = program.functions[site.function];
    if (!function.bodies.empty()) {
      std::vector<Slot> arguments = collect(site, r);
      for (size_t i = 0; i < arguments.size(); ++i) {
        if (site.arguments[i].managed) retain(arguments[i]);
      }
      TRY(queue(static_cast<EventId>(function.event), std::move(arguments), causeNow(),
                networkTime));
    }
    goto next;
  }
  CASE(raiseValue) {
    const CallSite& site = code->callSites[static_cast<size_t>(I.d)];
    const Function& function = program.functions[functionOf(A).function];
    if (function.event < 0) FAIL("function is not an event");
    if (!function.bodies.empty()) {
      std::vector<Slot> arguments = collect(site, r);
      std::vector<TypedSlot> typed;
      for (size_t i = 0; i < arguments.size(); ++i)
        typed.push_back({site.arguments[i].type, arguments[i]});
      if (takes(*function.type, typed)) {
        for (size_t i = 0; i < arguments.size(); ++i) {
          if (site.arguments[i].managed) retain(arguments[i]);
        }
      } else {
        std::vector<Value> adapted;
        TRY(adapt(*function.type, typed, adapted));
        for (size_t i = 0; i < arguments.size(); ++i) arguments[i] = adapted[i].take();
      }
      TRY(queue(static_cast<EventId>(function.event), std::move(arguments), causeNow(),
                networkTime));
    }
    goto next;
  }
  CASE(schedule) {
    const CallSite& site = code->callSites[static_cast<size_t>(I.d)];
    const Function& function = program.functions[site.function];
    Timer timer;
    timer.due = networkTime + A.real;
    timer.kind = Timer::Kind::event;
    timer.cause = causeNow();
    timer.event = static_cast<EventId>(function.event);
    timer.arguments = collect(site, r);
    for (size_t i = 0; i < timer.arguments.size(); ++i) {
      if (site.arguments[i].managed) retain(timer.arguments[i]);
    }
    TRY(addTimer(std::move(timer)));
    goto next;
  }
  CASE(when) {
    const WhenSite& site = code->whenSites[static_cast<size_t>(I.d)];
    bool timed = I.b != noRegister;
    TRY(startWhen(*code, site, A, timed ? B.real : 0, timed));
    NEXT();
  }
  CASE(print) {
    TRY(print(code->callSites[static_cast<size_t>(I.d)], r, nullptr));
    NEXT();
  }
  CASE(printFile) {
    TRY(print(code->callSites[static_cast<size_t>(I.d)], r, &fileOf(A)));
    NEXT();
  }
  CASE(fail) FAIL(program.constants[static_cast<size_t>(I.d)].text);
  CASE(assertion) {
    TRY(assertion(A.boolean(), B, program.constants[static_cast<size_t>(I.d)].text));
    NEXT();
  }
  CASE(halt) {
    assert(false && "fell off the end of a Code");
    FAIL("no more instructions");
  }

// The way on from a scope that has something to destroy: a computed goto runs no destructors.
next:
  NEXT();

unset_global:
  FAIL("value used but not set (" + program.globals[static_cast<uint32_t>(I.d)].name + ")");
unset_local:
  FAIL("value used but not set (" + program.constants[static_cast<size_t>(I.d)].text + ")");

returned : {
  Frame& frame = frames.back();
  uint32_t hook = frame.hook;
  if (hook != 0) {
    bool entry = hooks[hook - 1].entry;
    bool ended = false;
    pop();
    if (!continueHook(hook, false, ended, value)) {
      // A body could not be started; the hook is gone: unwind whoever called it.
      if (entry) return {status, Slot::unset()};
      goto unwind;
    }
    if (!ended) {
      RELOAD();
      goto* labels[static_cast<size_t>(pc->op)];
    }
    if (entry) return {RunStatus::done, value};
    goto deliver_hook;
  }
  bool entry = frame.entry;
  uint16_t target = frame.result;
  bool managed = frame.resultManaged;
  pop();
  if (entry) return {RunStatus::done, value};
  RELOAD();
  if (target != noRegister) {
    if (managed) {
      if (value.isUnset()) FAIL("value used but not set");
      putManaged(r[target], value);
    } else {
      r[target] = value;
    }
  } else if (managed) {
    release(value);
  }
  ++pc;
  goto* labels[static_cast<size_t>(pc->op)];
}

deliver_hook:
  // The hook's verdict goes to the register that its HookRun named; continueHook left it in place.
  RELOAD();
  if (pc->a != noRegister) r[pc->a] = value;
  ++pc;
  goto* labels[static_cast<size_t>(pc->op)];

unwind:
  if (status == RunStatus::refused) {
    if (leaveStatement()) {
      RELOAD();
      goto* labels[static_cast<size_t>(pc->op)];
    }
    status = RunStatus::failed;
  }
  unwindToEntry();
  return {status, Slot::unset()};
}

}  // namespace bulkhead::vm
