#pragma once
// A Vm runs one Program: event handlers, hooks, timers and `when`, one at a time, in a fixed order.
//
// It owns the heap, the globals, the event queue and the timers; it borrows Program, Host and
// types, which outlive it. One thread. Script errors never leave as exceptions: they are reported
// through the Host, the handler body is abandoned, and the next body runs. Time is network time,
// set by whoever feeds events (advanceTime); nothing here reads a clock except currentTime().

#include "sdk/script/vm/cause.h"
#include "sdk/script/vm/heap.h"
#include "sdk/script/vm/host.h"
#include "sdk/script/vm/native.h"
#include "sdk/script/vm/program.h"
#include "sdk/script/vm/table.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace bulkhead::vm {

struct Limits {
  // Bytecode instructions that one entry from outside (one handler body, timer or `when`) may take.
  uint64_t instructions = 200'000'000;
  // Entries that may take more. Once there are so many, nothing is run any more; 0: no such end.
  uint64_t overruns = 0;
  // Script frames on the stack, and nested calls from native code back into script. A script may
  // choose how deep its calls go, within the frames; `recursion` is what it begins with.
  uint32_t frames = 4096;
  uint32_t recursion = 1000;
  uint32_t nativeDepth = 64;
  // Events that may wait in the queue; raising one more is a run-time error.
  size_t queuedEvents = 1'000'000;
  size_t timers = 4'000'000;
  Heap::Limits heap;
};

struct Counters {
  uint64_t instructions = 0;
  uint64_t eventsRaised = 0;
  uint64_t bodiesRun = 0;
  uint64_t bodiesAbandoned = 0;
  uint64_t budgetExceeded = 0;
};

// State that a family of native functions keeps in a Vm.
class Extension {
 public:
  virtual ~Extension() = default;
  // A timer of wakeAt() is due; `atEnd`: the run ends, whatever the time. May call script.
  virtual void timerDue(uint64_t /*tag*/, bool /*atEnd*/) {}
};

// Sees what `print` statements print, before the Host does. True: that was all, the Host sees
// nothing of it. `file` is null for standard output; the values are borrowed.
using PrintTap = std::function<bool(const FileObject* file, std::span<const TypedSlot> values)>;

class Vm {
 public:
  Vm(const Program& program, types::TypeTable& types, Host& host, const Limits& limits);
  ~Vm();
  Vm(const Vm&) = delete;
  Vm& operator=(const Vm&) = delete;

  const Program& program() const;
  Heap& heap();
  types::TypeTable& types();
  Host& host();
  const Counters& counters() const;
  // How often the handlers of an event ran.
  uint64_t eventCalls(EventId event) const;
  const Limits& limits() const;

  // Runs the initialiser of globals. False if it was abandoned (reported).
  bool initialize();
  // It ran to its end: every global has its value.
  bool initialized() const;

  // ---- Time and cause
  double networkTime() const;
  void setNetworkTime(double seconds);
  // Sets network time to `seconds`, unless that is in the past, and fires the timers that are due.
  // Nothing is drained: events that were scheduled are queued, tables expire at once.
  void advanceTime(double seconds);
  // Fires timers up to and at `upTo` in order of (time, creation), without moving network time.
  // What they do descends from `root` then, not from what set them up, if it is given.
  void fireTimers(double upTo, std::optional<uint64_t> root = std::nullopt);
  // The end of a run: events that were scheduled are queued, pending `when` time out, whatever
  // their time. drain() follows.
  void expireTimers();
  // When the next timer is due; empty if there is none.
  std::optional<double> nextTimer() const;
  // What is running now descends from this. Between runs: the root that setRoot() named.
  Cause currentCause() const;
  // For when the event whose handler is running was raised, or scheduled; empty if none is.
  std::optional<double> eventTime() const;
  // Calls who.timerDue(tag) then, in the order of all other timers. False if there are too many.
  [[nodiscard]] bool wakeAt(double due, Extension& who, uint64_t tag);
  // The number of the host input that is handed in next.
  void setRoot(uint64_t seq);

  // ---- Events
  // Queues an event. Arguments are borrowed and must have the types of the main prototype. False if
  // the queue is full. Nothing happens, successfully, if it has no handlers.
  bool raise(EventId event, std::span<const Slot> arguments);
  // The same with arguments that the caller owned and gives away.
  bool raiseOwned(EventId event, std::vector<Slot> arguments);
  // Empty, with room that an earlier event had.
  std::vector<Slot> spareArguments();
  // Runs queued events until none is left, and every `when` whose ground moved.
  void drain();
  // Runs the handlers of an event now, without the queue.
  void dispatch(EventId event, std::span<const Slot> arguments);

  // ---- Calls from native code. Arguments are borrowed.
  struct CallResult {
    Value value;  // empty for void and when abandoned
    bool abandoned = false;
  };
  CallResult call(uint32_t function, std::span<const Slot> arguments);
  CallResult call(FunctionObject& function, std::span<const Slot> arguments);
  // The same with arguments of other types than the function's, `any` for one: each is converted,
  // and one that cannot be abandons the call (reported).
  CallResult call(FunctionObject& function, std::span<const TypedSlot> arguments);
  // Runs a Code without parameters, such as an attribute's expression.
  CallResult evaluate(uint32_t code);
  // A reference to a function, event or hook of the Program as a value (counted).
  Ref<FunctionObject> functionValue(uint32_t function);

  // ---- Globals
  // Unset globals give an empty Value.
  Value global(uint32_t index) const;
  // By full name ("Log::default_rotation_interval"); empty if there is none.
  std::optional<uint32_t> findGlobal(std::string_view name) const;
  // Takes over one count of `value`.
  void setGlobal(uint32_t index, Slot value);

  // ---- Values with the language's whole meaning
  // A record with all its defaults. Null if a default was abandoned (reported).
  Ref<RecordObject> makeRecord(const types::RecordType* type);
  // Insertion and deletion with &on_change, access times and pattern or subnet indices. Keys and
  // value are borrowed. False on refusal (heap limit); then failed calls are reported by the
  // caller.
  bool tableInsert(TableObject& table, const Slot* keys, Slot value);
  bool tableErase(TableObject& table, const Slot* keys);
  void tableClear(TableObject& table);
  // Index expression without &default: null if there is no such entry. Counts as a read.
  const Slot* tableFind(TableObject& table, const Slot* keys);
  // Converts a value to another type as an assignment would (record, container, number). Empty if
  // it cannot be; `error` says why.
  Value convert(TypedSlot value, const Type* to, std::string& error);
  // The text as cat() and fmt("%s") make it: bytes of strings as they are.
  std::string describe(TypedSlot value) const;
  // Event groups: &group names, and modules as "module NAME".
  void enableGroup(const std::string& group, bool enabled);
  bool groupEnabled(const std::string& group) const;

  // How many calls may be under way at once; 0: as many as Limits::frames.
  uint64_t maxRecursion() const;
  void setMaxRecursion(uint64_t calls);

  // ---- Messages
  void setPrintTap(PrintTap tap);
  void report(Severity severity, std::string message);
  // The place of the innermost script frame, or line 0.
  Place currentPlace() const;
  std::vector<StackEntry> scriptStack() const;
  // What the parameters of the function at that depth of scriptStack() hold now; those that were
  // given up since are empty. Nothing for what has alternate prototypes or no name.
  std::vector<Value> stackArguments(size_t depth) const;

  // ---- Asynchronous answers (NativeCall::defer)
  // Takes over the value; the `when` is looked at again on the next drain().
  void complete(AsyncToken token, Value value);
  // No answer will come: the condition counts as timed out.
  void abandonAsync(AsyncToken token);

  // ---- Randomness
  // A 64-bit draw from the seeded stream. Deterministic for a seed.
  uint64_t random();
  void seedRandom(uint64_t seed);

  // ---- Extensions: one object per T, made on first use by `new T(vm)`.
  template <typename T>
  T& extension() {
    static const char key = 0;
    std::unique_ptr<Extension>& slot = extensionSlot(&key);
    if (!slot) slot = std::make_unique<T>(*this);
    return static_cast<T&>(*slot);
  }

  // Closes files and drops timers, queue, globals and extensions; the Vm runs nothing any more.
  void shutdown();

  class Impl;
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Extension>& extensionSlot(const void* key);
  std::unique_ptr<Impl> impl_;
};

}  // namespace bulkhead::vm
