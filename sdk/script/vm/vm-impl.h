#pragma once
// The inside of a Vm; for the files of this room only.

#include "sdk/script/vm/vm.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace bulkhead::vm {

// Slots for the registers of all frames, one block of address space that is touched as needed.
class RegisterStack {
 public:
  explicit RegisterStack(size_t slots);
  ~RegisterStack();
  RegisterStack(const RegisterStack&) = delete;
  RegisterStack& operator=(const RegisterStack&) = delete;
  Slot* begin() const { return begin_; }
  Slot* end() const { return end_; }

 private:
  Slot* begin_;
  Slot* end_;
};

enum class RunStatus : uint8_t {
  done,
  broke,     // a hook body ended with break
  waiting,   // a when condition does not hold
  failed,    // reported; the frames are gone
  refused,   // reported: a native function has no value; the statement around it is left out
  deferred,  // waits for an asynchronous answer; the frames are gone
};

struct RunResult {
  RunStatus status = RunStatus::failed;
  Slot value = Slot::unset();  // owned if the function's result is managed
  bool none = false;           // the function has a result and ended without one
};

struct Frame {
  const Code* code;
  const Instruction* pc;  // where it goes on, or where it is while something slow runs
  Slot* base;
  FunctionObject* closure;  // counted, or null
  uint32_t hook;            // index of its HookRun plus one
  uint16_t result;          // register of the caller; noRegister drops
  bool resultManaged;
  bool entry;  // run() returns when this one does
};

// The frames of all calls under way. Frames do not move; nothing checks for room but full().
class FrameStack {
 public:
  explicit FrameStack(size_t room)
      : frames_(std::make_unique_for_overwrite<Frame[]>(room)), end_(frames_.get()), room_(room) {
    setMost(room);
  }
  // No more than this many, and than there is room for. What is under way goes on.
  void setMost(size_t frames) { last_ = frames_.get() + std::min(frames, room_); }
  bool full() const { return end_ >= last_; }
  bool empty() const { return end_ == frames_.get(); }
  size_t size() const { return static_cast<size_t>(end_ - frames_.get()); }
  Frame& back() { return end_[-1]; }
  const Frame& back() const { return end_[-1]; }
  const Frame& operator[](size_t i) const { return frames_[i]; }
  void push_back(const Frame& frame) { *end_++ = frame; }
  void pop_back() { --end_; }

 private:
  std::unique_ptr<Frame[]> frames_;
  Frame* end_;
  Frame* last_;
  size_t room_;
};

// A hook under way: its bodies run one after the other on copies of these arguments.
struct HookRun {
  uint32_t function;
  uint32_t nextBody;
  Slot* arguments;
  uint16_t result;
  bool entry;
};

struct QueuedEvent {
  EventId event;
  Cause cause;
  double time;                  // for when it was raised, or scheduled
  std::vector<Slot> arguments;  // owned
};

struct Timer {
  enum class Kind : uint8_t { event, expireTable, when, extension };
  double due = 0;
  uint64_t order = 0;
  Kind kind = Kind::event;
  Cause cause;
  EventId event = 0;
  std::vector<Slot> arguments;  // owned
  Ref<TableObject> table;
  uint64_t when = 0;  // or the extension's tag
  Extension* extension = nullptr;
};

struct WhenState {
  uint64_t id;
  const Code* home;  // the Code that holds the site
  const WhenSite* site;
  Ref<FunctionObject> closure;
  Cause cause;
  double deadline = -1;  // network time; negative: none
  double timeout = 0;
  bool clockUnknown = false;  // made before network time was: the timeout counts from when it is
  AsyncToken returnTo = 0;    // of a `return when`
  bool inCondition = false;
  bool dirty = true;
  bool running = false;  // its condition or body is on the stack
  bool failed = false;   // its condition did; only a change helps
  // What the condition looked into last time.
  static constexpr size_t mostWatched = 64;
  std::vector<Ref<Object>> watched;
  bool lost = false;                       // an answer will not come, said while it was running
  std::map<uint64_t, Value> answers;       // by place of the call
  std::map<uint64_t, AsyncToken> waiting;  // by place of the call
};

struct PendingAnswer {
  uint64_t when;
  uint64_t place;
};

class Vm::Impl {
 public:
  Impl(Vm& vm, const Program& program, types::TypeTable& types, Host& host, const Limits& limits);
  ~Impl();

  // ---- execution (run.cpp)
  // Runs until the entry frame on top of the stack returns.
  RunResult run();
  // Pushes an entry frame for `code` and runs it. Arguments are borrowed.
  RunResult execute(const Code& code, std::span<const Slot> arguments, FunctionObject* closure);
  RunResult callFunction(uint32_t function, std::span<const Slot> arguments,
                         FunctionObject* closure);
  // False with the error reported if there is no room.
  bool push(const Code& code, Slot* base, FunctionObject* closure, uint16_t result,
            bool resultManaged, bool entry);
  // Says why a call cannot be made, or that it can after all.
  bool refuseCall(const Code& code, const Slot* base);
  std::string tooDeep() const;
  void limitRecursion(uint64_t calls);
  void pop();
  void unwindToEntry();
  // After the outermost run: what it took of the budget.
  void countInstructions();
  Slot* topOfStack() const;

  // ---- calls from bytecode (calls.cpp). False: unwind with status_.
  bool callSite(const Instruction& i, bool managed);
  bool callNativeSite(const Instruction& i, bool managed);
  // The body that a call by value calls, if all that this needs was looked at before; else null.
  const Code* knownCallee(const CallSite& site, const Instruction& i, const Slot* r) const {
    if (r[i.b].isUnset() || i.a == noRegister || activeWhen != nullptr) return nullptr;
    const uint32_t function = functionOf(r[i.b]).function;
    return site.fits == program.functions[function].type ? directCodes[function] : nullptr;
  }
  bool callValueSite(const Instruction& i, bool managed);
  bool callHookSite(const Instruction& i);
  bool invokeNative(const Function& function, std::span<const TypedSlot> arguments, Slot& result);
  bool startHook(uint32_t function, std::span<const Slot> arguments, uint16_t result, bool entry);
  // After a body: the next one, or the end of the hook. `ended` with the verdict in `result`.
  bool continueHook(uint32_t hook, bool broke, bool& ended, Slot& result);
  void endHook(uint32_t hook);
  bool bodyEnabled(const Body& body) const;
  std::vector<Slot> collect(const CallSite& site, const Slot* r);

  // ---- slow parts of instructions (support.cpp). False: unwind with status_.
  bool fail(std::string message);
  // A native function returned nothing where a value is wanted. Always false, as fail().
  bool lacksValue();
  // Puts the innermost frame behind the statement that it is in. False if it cannot do without.
  bool leaveStatement();
  void reportHere(Severity severity, std::string message, bool expression);
  bool missingField(const RecordObject& record, uint32_t field, Slot& value);
  bool deleteField(RecordObject& record, uint32_t field);
  bool raiseElement(TableObject& table, Slot key, Slot by);
  bool tableGet(TableObject& table, const Slot* keys, Slot& value);
  bool tableDefault(TableObject& table, const Slot* keys, Slot& value, bool& has);
  bool tableGetAddr(TableObject& table, Slot addr, Slot& value);
  bool tableMatches(TableObject& table, Slot text, const Type* resultType, Slot& value);
  bool vectorGet(VectorObject& vector, Slot index, Slot& value);
  bool vectorPut(VectorObject& vector, Slot index, Slot value);
  // For vectors that a script knows as `vector of any` and that may hold elements of one type.
  Slot boxElement(VectorObject& vector, Slot element);
  bool elementOf(VectorObject& vector, Slot any, Slot& value);
  bool slice(const VectorObject& vector, int64_t low, int64_t high, Slot& value);
  bool putSlice(VectorObject& vector, int64_t low, int64_t high, VectorObject& value);
  bool stringAt(Slot string, int64_t index, Slot& value);
  bool stringSlice(Slot string, int64_t low, int64_t high, Slot& value);
  bool concat(Slot a, Slot b, Slot& value);
  bool setBinary(TableObject& a, TableObject& b, SetOp op, Slot& value);
  bool setCompare(TableObject& a, TableObject& b, SetOp op);
  bool containerAdd(Slot target, Slot source, bool removes);
  bool vectorBinary(const VectorOperation& op, VectorObject& a, VectorObject& b, Slot& value);
  bool vectorUnary(const VectorOperation& op, VectorObject& a, Slot& value);
  bool scalarOperation(const VectorOperation& op, Slot a, Slot b, Slot& value);
  bool vectorSelect(VectorObject& a, VectorObject& mask, Slot& value);
  bool vectorByIndex(VectorObject& a, VectorObject& indices, Slot& value);
  bool vectorChoose(VectorObject& mask, VectorObject& a, VectorObject& b, Slot& value);
  bool coerceRecord(const RecordMap& map, RecordObject& from, Slot& value);
  bool makeRecord(const types::RecordType* type, Slot& value);
  // Fills the fields of a fresh record that have a computed default and are absent.
  bool computeDefaults(RecordObject& record);
  bool makeClosure(const ClosureSite& site, const Slot* r, Slot& value);
  bool maskAddr(Slot addr, uint64_t width, Slot& value);
  Slot sizeOf(const Type* type, Slot value);
  // copy(value): always another object, of strings and patterns too.
  Value copyOf(const Type* type, Slot value);
  using PatternJoin = std::unique_ptr<CompiledPattern>(const CompiledPattern&,
                                                       const CompiledPattern&, std::string& error);
  bool joinPatterns(Slot a, Slot b, PatternJoin* join, Slot& value);
  TypedSlot inside(TypedSlot value, const Type* wanted) const;
  bool isOfType(TypedSlot value, const Type* type);
  bool unbox(Slot any, const Type* type, Slot& value);
  Value convert(TypedSlot value, const Type* to, std::string& error, int depth);
  bool convertBy(const Conversion& conversion, Slot from, Slot& value);
  void putInOrder(IteratorObject& iterator);
  static uint32_t nextInOrder(IteratorObject& iterator);
  bool changesForm(const Conversion& conversion, TypedSlot& from);
  bool castBy(const Conversion& conversion, Slot from, Slot& value);
  bool canCast(const Conversion& conversion, Slot from);
  bool print(const CallSite& site, const Slot* r, FileObject* file);
  bool overBudget();

  // ---- assertions.cpp
  bool assertion(bool holds, Slot message, std::string_view condition);
  Value assertionBacktrace();

  // ---- tables with attributes (table-attributes.cpp)
  bool insert(TableObject& table, const Slot* keys, Slot value);
  bool erase(TableObject& table, const Slot* keys);
  void clear(TableObject& table);
  // Entries were put in or taken out: says so where that is done inside a loop over the table.
  void membershipChanged(const TableObject& table);
  void touchRead(TableObject& table, uint32_t entry);
  void armExpiry(TableObject& table, double delay);
  void armNew();
  void expire(Timer& timer);
  void changed(TableObject& table, const Slot* keys, Slot value, int kind);
  bool attributeFunction(Value& cache, int32_t code);
  double expiryInterval(TableObject& table);
  int64_t stamp() const;  // whole seconds since the first network time

  // Whether values of both types lie in memory alike; remembered.
  bool alike(const Type* a, const Type* b);
  bool takes(const types::FuncType& function, std::span<const TypedSlot> arguments);
  bool adapt(const types::FuncType& function, std::span<const TypedSlot> arguments,
             std::vector<Value>& adapted);
  bool callConverted(const CallSite& site, std::span<const TypedSlot> arguments,
                     FunctionObject& closure, const Instruction& i, bool managed);

  // ---- events, timers, when (events.cpp)
  bool queue(EventId event, std::vector<Slot> arguments, Cause cause, double time);
  void releaseArguments(EventId event, std::vector<Slot>& arguments);
  void runHandlers(EventId event, std::span<const Slot> arguments, Cause cause, double time);
  bool addTimer(Timer timer);
  void fireTimer(Timer timer, bool atEnd = false);
  bool startWhen(const Code& home, const WhenSite& site, Slot closure, double timeout,
                 bool hasTimeout);
  // True if it is over.
  bool lookAt(WhenState& state);
  static void watch(WhenState& state, Slot object);
  bool dependsOn(const WhenState& state, const void* changed) const;
  void timeOut(uint64_t when, bool ended = false);
  void runTimeout(WhenState& state);
  bool lookAtWhens();
  uint64_t placeOfCall() const;
  bool answered(uint64_t place, Slot& value, const Type* type);
  void deliver(AsyncToken token, Value value, bool abandoned);
  Cause causeNow() const { return {cause.rootSeq, cause.viaPackage || packageFrames > 0}; }

  Place placeOf(const Code& code, const Instruction* pc) const;
  // Where the first body of a function is written; line 0 if it has none.
  Place placeOfFunction(uint32_t function) const;
  // A run-time error that stands elsewhere than what runs.
  void reportAt(Place place, std::string message);
  Slot constantSlot(const Constant& constant);
  void makeConstants();
  void makeLayouts();
  uint32_t configured(const char* name, double fallback, double& value) const;
  void closeDroppedFiles();

  Vm& vm;
  const Program& program;
  types::TypeTable& types;
  Host& host;
  Limits limits;
  Counters counters;
  std::vector<uint64_t> eventCalls;  // by EventId; how often handlers ran

  RegisterStack stack;
  FrameStack frames;
  uint64_t maxRecursion = 0;  // as the script knows it
  std::vector<HookRun> hooks;
  int64_t budget = 0;
  uint32_t nativeDepth = 0;
  uint32_t packageFrames = 0;
  RunStatus status = RunStatus::done;  // why the stack unwinds
  bool nativeComplained = false;       // the last native function said what is wrong
  uint32_t unwoundAt = 0;              // the instruction at which the entry frame was given up
  bool overBudgetReported = false;
  // Too many entries took more than their budget: nothing is entered any more.
  bool exhausted() const {
    return limits.overruns != 0 && counters.budgetExceeded >= limits.overruns;
  }

  Heap heap;
  std::vector<Slot> constants;  // by Program::constants
  std::vector<Slot> globals;
  std::vector<uint8_t> globalFlags;  // globalSet, globalWatched
  // The Code of each function that has exactly one body and is no hook or event; else null.
  std::vector<const Code*> directCodes;
  bool initialized = false;
  std::vector<Slot> functionValues;  // made on demand

  double networkTime = 0;
  double startTime = 0;
  Cause cause;
  std::optional<double> eventTime;  // of the event whose handlers run
  std::deque<QueuedEvent> events;
  std::vector<std::vector<Slot>> spareArguments;  // empty ones, of events that were handled
  bool draining = false;
  std::vector<Timer> timers;  // a heap
  uint64_t timerOrder = 0;
  std::map<uint64_t, std::unique_ptr<WhenState>> whens;
  uint64_t nextWhen = 1;
  WhenState* activeWhen = nullptr;
  size_t activeWhenFrame = 0;  // index of the frame that runs it
  std::unordered_map<AsyncToken, PendingAnswer> pendingAnswers;
  AsyncToken nextToken = 1;
  std::vector<uint32_t> watchedGlobals;
  std::unordered_set<std::string> disabledGroups;
  uint64_t randomState = 0x853c49e6748fea9b;
  std::unordered_map<const void*, std::unique_ptr<Extension>> extensions;
  std::map<std::pair<const Type*, const Type*>, bool> alike_;
  std::string printBuffer;
  PrintTap printTap;
  bool softLimitReported = false;
  std::unordered_set<const Instruction*> saidOfLoops;  // by membershipChanged()
};

constexpr uint8_t globalSet = 1;
constexpr uint8_t globalWatched = 2;

}  // namespace bulkhead::vm
