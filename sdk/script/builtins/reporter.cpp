// Messages, events, the run itself: what a script says and asks about its own process.

#include "common/unique-id.h"
#include "sdk/script/builtins/families.h"
#include "sdk/script/builtins/helpers.h"
#include "sdk/script/builtins/services.h"
#include "sdk/script/builtins/support/digest.h"
#include "sdk/script/vm/host.h"

#include <map>

namespace bulkhead::builtins {

namespace {

Services& servicesOf(NativeCall& call) { return call.vm().extension<Services>(); }

template <vm::Severity severity>
void say(NativeCall& call) {
  call.vm().report(severity, std::string(call.text(0)));
  call.returnBool(true);
}
void no(NativeCall& call) { call.returnBool(false); }
void nothing(NativeCall&) {}

void isEventHandled(NativeCall& call) {
  auto event = call.vm().program().findEvent(call.text(0));
  call.returnBool(event && call.vm().program().hasHandlers(*event));
}
bool knowsGroup(NativeCall& call, const std::string& name, bool module) {
  for (const auto& function : call.vm().program().functions)
    for (const auto& body : function.bodies) {
      if (module && body.module == name) return true;
      if (!module)
        for (const auto& group : body.groups)
          if (group == name) return true;
    }
  return false;
}
template <bool module>
void hasGroup(NativeCall& call) {
  call.returnBool(knowsGroup(call, std::string(call.text(0)), module));
}
template <bool module, bool enable>
void switchGroup(NativeCall& call) {
  std::string name(call.text(0));
  if (!knowsGroup(call, name, module)) return call.returnBool(false);
  call.vm().enableGroup(module ? "module " + name : name, enable);
  call.returnBool(true);
}

void terminate(NativeCall& call) {
  call.returnBool(!std::exchange(servicesOf(call).terminating, true));
}
void isTerminating(NativeCall& call) { call.returnBool(servicesOf(call).terminating); }
void leave(NativeCall& call) {
  servicesOf(call).exitStatus = call.integer(0);
  servicesOf(call).terminating = true;
  call.abandon();
}
void readingLive(NativeCall& call) { call.returnBool(servicesOf(call).facts.readingLive); }
void readingTraces(NativeCall& call) { call.returnBool(servicesOf(call).facts.readingTraces); }
void bareMode(NativeCall& call) { call.returnBool(servicesOf(call).facts.bareMode); }
void version(NativeCall& call) { call.returnText(servicesOf(call).facts.version); }
void processId(NativeCall& call) { call.returnCount(servicesOf(call).facts.processId); }
void hostName(NativeCall& call) { call.returnText(servicesOf(call).facts.hostName); }
void typeName(NativeCall& call) { call.returnText(types::typeText(call.any(0).type)); }

void randomBelow(NativeCall& call) {
  uint64_t most = call.count(0);
  call.returnCount(most == 0 ? 0 : call.vm().random() % most);
}
void seedRandom(NativeCall& call) { call.vm().seedRandom(call.count(0)); }

// The counters of unique_id() and unique_id_from(), by pool.
class ScriptIds final : public vm::Extension {
 public:
  explicit ScriptIds(vm::Vm& vm) : vm_(vm) {}

  std::string next(UniqueIds::Pool pool, std::string_view prefix) {
    auto found = pools_.find(pool);
    if (found == pools_.end()) {
      auto key = keyFromSeeds(vm_.extension<Services>().facts.seeds);
      found = pools_.emplace(pool, key ? UniqueIds(*key, pool) : UniqueIds(pool)).first;
    }
    return found->second.next(prefix, countGlobal(vm_, "bits_per_uid", UniqueIds::standardBits));
  }

 private:
  vm::Vm& vm_;
  std::map<UniqueIds::Pool, UniqueIds> pools_;  // at most Pool::end
};

void uniqueId(NativeCall& call) {
  call.returnText(call.vm().extension<ScriptIds>().next(UniqueIds::Pool::scripts, call.text(0)));
}
void uniqueIdFrom(NativeCall& call) {
  constexpr auto first = static_cast<int64_t>(UniqueIds::Pool::custom);
  constexpr auto end = static_cast<int64_t>(UniqueIds::Pool::end);
  auto pool = UniqueIds::Pool::scripts;
  if (int64_t n = call.integer(0); n > 1 - first && n < end - first)
    pool = static_cast<UniqueIds::Pool>(first + n);
  else
    call.caution("there is no pool of that number; the identifier is as unique_id()'s");
  call.returnText(call.vm().extension<ScriptIds>().next(pool, call.text(1)));
}

// The functions on the stack, and where each was called: in the function around it.
void backtrace(NativeCall& call) {
  auto out = resultVector(call);
  if (!out) return;
  auto stack = call.vm().scriptStack();
  for (size_t i = 0; i < stack.size(); ++i) {
    RecordBuilder frame(call, out->type->element());
    if (!frame) return;
    frame.text("function_name", stack[i].function);
    if (i + 1 < stack.size() && stack[i + 1].place.line != 0) {
      frame.text("file_location", stack[i + 1].place.file);
      frame.count("line_location", stack[i + 1].place.line);
    }
    auto arguments = Ref<vm::VectorObject>::adopt(
        call.heap().vector(&frame.typeOf("function_args")->asVector()));
    const vm::Function* function = call.vm().program().findFunction(stack[i].function);
    if (function != nullptr) {
      for (const auto& parameter : function->type->parameters()) {
        RecordBuilder argument(call, arguments->type->element());
        if (!argument) return;
        argument.text("name", parameter.name);
        argument.text("type_name", types::typeText(parameter.type));
        if (call.failed() || !arguments->append(argument.take().take())) return;
      }
    }
    frame.set("function_args", arguments.take());
    if (call.failed() || !out->append(frame.take().take())) return;
  }
  call.returnRef(std::move(out));
}

void lookupId(NativeCall& call) {
  auto index = call.vm().findGlobal(call.text(0));
  if (!index) index = call.vm().findGlobal("GLOBAL::" + std::string(call.text(0)));
  Value value = index ? call.vm().global(*index) : Value();
  if (!value.empty()) return call.returnValue(std::move(value));
  const char* why = index ? "<no ID value>" : "<unknown id>";
  call.returnValue(
      Value::adopt(call.vm().types().basic(Tag::string), Slot::ofObject(call.heap().string(why))));
}

constexpr vm::NativeRow rows[] = {
    {"Reporter::info", "function(msg: string): bool", "An informational message.",
     say<vm::Severity::info>},
    {"Reporter::warning", "function(msg: string): bool", "A warning.", say<vm::Severity::warning>},
    {"Reporter::error", "function(msg: string): bool", "An error; the script goes on.",
     say<vm::Severity::error>},
    {"Reporter::fatal", "function(msg: string): bool", "An error that ends the run.",
     say<vm::Severity::fatal>},
    {"Reporter::fatal_error_with_core", "function(msg: string): bool", "As Reporter::fatal.",
     say<vm::Severity::fatal>},
    {"is_event_handled", "function(event_name: string): bool", "Whether an event has a handler.",
     isEventHandled},
    {"generate_all_events", "function(): bool",
     "Has no effect: events without a handler are never made.", no},
    {"has_event_group", "function(group: string): bool", "Whether a handler has that &group.",
     hasGroup<false>},
    {"enable_event_group", "function(group: string): bool", "Lets a group's handlers run.",
     switchGroup<false, true>},
    {"disable_event_group", "function(group: string): bool",
     "Keeps a group's handlers from running.", switchGroup<false, false>},
    {"has_module_events", "function(module_name: string): bool", "Whether a module has handlers.",
     hasGroup<true>},
    {"enable_module_events", "function(module_name: string): bool", "Lets a module's handlers run.",
     switchGroup<true, true>},
    {"disable_module_events", "function(module_name: string): bool",
     "Keeps a module's handlers from running.", switchGroup<true, false>},
    {"terminate", "function(): bool", "Ends the run in order; F if it is ending already.",
     terminate},
    {"zeek_is_terminating", "function(): bool", "Whether the run is ending.", isTerminating},
    {"exit", "function(code: int)", "Ends the run at once.", leave},
    {"reading_live_traffic", "function(): bool", "Whether packets come from an interface.",
     readingLive},
    {"reading_traces", "function(): bool", "Whether packets come from a file.", readingTraces},
    {"bare_mode", "function(): bool", "Whether only the bare library is loaded.", bareMode},
    {"zeek_version", "function(): string",
     "The version of the language and library that this follows.", version},
    {"getpid", "function(): count", "The process number inside the compartment.", processId},
    {"gethostname", "function(): string", "The host's name as the compartment may know it.",
     hostName},
    {"type_name", "function(t: any): string", "The text of a value's type.", typeName},
    {"rand", "function(max: count): count", "A number below `max`, of the run's seed.",
     randomBelow},
    {"srand", "function(seed: count)", "Seeds rand().", seedRandom},
    {"unique_id", "function(prefix: string): string", "A text that no other call gave.", uniqueId},
    {"unique_id_from", "function(pool: int, prefix: string): string",
     "As unique_id, of a pool of its own.", uniqueIdFrom},
    {"lookup_ID", "function(id: string): any", "The value of a global by its name.", lookupId},
    {"backtrace", "function(): Backtrace",
     "The calls under way, innermost first, with the place of each call; arguments by name and "
     "type.",
     backtrace},
    {"suspend_processing", "function()", "Has no effect here: packets are the worker's.", nothing},
    {"continue_processing", "function()", "Has no effect here: packets are the worker's.", nothing},
    {"do_profiling", "function()", "Has no effect; see the metrics.", nothing},
};

// ---- Hashes

template <DigestKind kind>
void digestAll(NativeCall& call) {
  RunningDigest digest(kind);
  for (size_t i = 0; i < call.argumentCount(); ++i) {
    TypedSlot value = call.any(i);
    digest.update(value.type->is(Tag::string) ? std::string(vm::textOf(value.slot))
                                              : call.vm().describe(value));
  }
  std::string hex;
  static constexpr char digits[] = "0123456789abcdef";
  for (unsigned char c : digest.current()) {
    hex += digits[c >> 4];
    hex += digits[c & 15];
  }
  call.returnText(hex);
}

struct DigestState final : vm::OpaqueState {
  explicit DigestState(RunningDigest d) : digest(std::move(d)) {}
  std::unique_ptr<OpaqueState> clone() const override {
    return std::make_unique<DigestState>(digest.clone());
  }
  size_t bytes() const override { return 512; }
  RunningDigest digest;
  bool finished = false;
};
template <DigestKind kind>
void digestInit(NativeCall& call) {
  call.returnObject(
      call.heap().opaque(static_cast<const types::OpaqueType*>(call.functionType().result()),
                         std::make_unique<DigestState>(RunningDigest(kind))));
}
void digestUpdate(NativeCall& call) {
  auto& state = *static_cast<DigestState*>(call.opaque(0).state);
  if (!state.finished) state.digest.update(call.text(1));
  call.returnBool(!state.finished);
}
void digestFinish(NativeCall& call) {
  auto& state = *static_cast<DigestState*>(call.opaque(0).state);
  if (std::exchange(state.finished, true)) return call.returnText("");
  std::string hex;
  static constexpr char digits[] = "0123456789abcdef";
  for (unsigned char c : state.digest.current()) {
    hex += digits[c >> 4];
    hex += digits[c & 15];
  }
  call.returnText(hex);
}
void fnv32(NativeCall& call) {
  TypedSlot value = call.any(0);
  call.returnCount(fnv1a32(keyBytes(call, value)));
}
void fnv64(NativeCall& call) { call.returnCount(fnv1a64(keyBytes(call, call.any(0)))); }
void weightOf(NativeCall& call) {
  call.returnCount(rendezvousWeight(call.count(0), call.count(1)));
}

constexpr vm::NativeRow hashes[] = {
    {"md5_hash", "function(...): string", "The MD5 digest of the arguments' texts in hex.",
     digestAll<DigestKind::md5>},
    {"sha1_hash", "function(...): string", "The SHA-1 digest of the arguments' texts in hex.",
     digestAll<DigestKind::sha1>},
    {"sha224_hash", "function(...): string", "The SHA-224 digest of the arguments' texts in hex.",
     digestAll<DigestKind::sha224>},
    {"sha256_hash", "function(...): string", "The SHA-256 digest of the arguments' texts in hex.",
     digestAll<DigestKind::sha256>},
    {"sha384_hash", "function(...): string", "The SHA-384 digest of the arguments' texts in hex.",
     digestAll<DigestKind::sha384>},
    {"sha512_hash", "function(...): string", "The SHA-512 digest of the arguments' texts in hex.",
     digestAll<DigestKind::sha512>},
    {"md5_hash_init", "function(): opaque of md5", "Begins a digest step by step.",
     digestInit<DigestKind::md5>},
    {"sha1_hash_init", "function(): opaque of sha1", "Begins a digest step by step.",
     digestInit<DigestKind::sha1>},
    {"sha256_hash_init", "function(): opaque of sha256", "Begins a digest step by step.",
     digestInit<DigestKind::sha256>},
    {"md5_hash_update", "function(handle: opaque of md5, data: string): bool", "Adds data.",
     digestUpdate},
    {"sha1_hash_update", "function(handle: opaque of sha1, data: string): bool", "Adds data.",
     digestUpdate},
    {"sha256_hash_update", "function(handle: opaque of sha256, data: string): bool", "Adds data.",
     digestUpdate},
    {"md5_hash_finish", "function(handle: opaque of md5): string",
     "The digest in hex; empty the second time.", digestFinish},
    {"sha1_hash_finish", "function(handle: opaque of sha1): string",
     "The digest in hex; empty the second time.", digestFinish},
    {"sha256_hash_finish", "function(handle: opaque of sha256): string",
     "The digest in hex; empty the second time.", digestFinish},
    {"fnv1a32", "function(input: any): count", "The 32-bit FNV-1a hash.", fnv32},
    {"fnv1a64", "function(input: any): count", "The 64-bit FNV-1a hash.", fnv64},
    {"hrw_weight", "function(key_digest: count, site_id: count): count",
     "A site's weight for a key in rendezvous hashing.", weightOf},
};

}  // namespace

Rows reporterRows() { return rows; }
Rows hashRows() { return hashes; }

}  // namespace bulkhead::builtins
