// Messages, events, the run itself: what a script says and asks about its own process.

#include "common/unique-id.h"
#include "sdk/script/builtins/families.h"
#include "sdk/script/builtins/helpers.h"
#include "sdk/script/builtins/random-numbers.h"
#include "sdk/script/builtins/services.h"
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
  const vm::Program& program = call.vm().program();
  auto event = program.findEvent(call.text(0));
  if (!event && (program.findFunction(call.text(0)) != nullptr ||
                 program.findType(call.text(0)) != nullptr || program.findGlobal(call.text(0))))
    call.warn("is_event_handled: '" + std::string(call.text(0)) + "' is not an event");
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
void commandLine(NativeCall& call) {
  std::vector<std::string_view> out;
  for (const std::string& each : servicesOf(call).facts.arguments) out.emplace_back(each);
  returnTexts(call, out);
}

void typeName(NativeCall& call) {
  TypedSlot value = call.any(0);
  const types::Type* type = value.type;
  // A vector of any may be known to hold values of one type.
  if (type->is(Tag::vector) && !type->asVector().unspecified() &&
      type->asVector().element()->is(Tag::any) && value.slot.isReference())
    type = vm::vectorOf(value.slot).type;
  call.returnText(types::typeText(type));
}

void randomBelow(NativeCall& call) {
  call.returnCount(call.vm().extension<RandomNumbers>().below(call.count(0)));
}
void seedRandom(NativeCall& call) { call.vm().extension<RandomNumbers>().seed(call.count(0)); }

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

// The functions on the stack with their arguments, and where each was called.
void backtrace(NativeCall& call) {
  auto out = resultVector(call);
  if (!out) return;
  auto stack = call.vm().scriptStack();
  // The innermost function comes twice: with the place of this very call, and with that of its own.
  for (size_t element = 0; element <= stack.size() && !stack.empty(); ++element) {
    size_t i = element == 0 ? 0 : element - 1;
    RecordBuilder frame(call, out->type->element());
    if (!frame) return;
    frame.text("function_name", stack[i].function);
    if (element < stack.size() && stack[element].place.line != 0) {
      frame.text("file_location", stack[element].place.file);
      frame.count("line_location", stack[element].place.line);
    }
    auto arguments = Ref<vm::VectorObject>::adopt(
        call.heap().vector(&frame.typeOf("function_args")->asVector()));
    const vm::Function* function = call.vm().program().findFunction(stack[i].function);
    if (function != nullptr) {
      auto values = call.vm().stackArguments(i);
      for (size_t k = 0; k < function->type->parameters().size(); ++k) {
        const auto& parameter = function->type->parameters()[k];
        RecordBuilder argument(call, arguments->type->element());
        if (!argument) return;
        argument.text("name", parameter.name);
        argument.text("type_name", types::typeText(parameter.type));
        if (k < values.size() && !values[k].empty()) {
          Value value = values[k];
          argument.set("value", call.heap().box(parameter.type, value.take()));
        }
        if (call.failed() || !arguments->append(argument.take().take())) return;
      }
    }
    frame.set("function_args", arguments.take());
    if (call.failed() || !out->append(frame.take().take())) return;
  }
  call.returnRef(std::move(out));
}

// The value of an enum's name, of whatever enum.
Value enumNamed(vm::Vm& vm, std::string_view name) {
  for (const auto& [typeName, type] : vm.program().namedTypes) {
    if (!type->is(Tag::enumeration)) continue;
    if (const auto* entry = type->asEnum().findName(name))
      return Value::adopt(type, Slot::ofInt(entry->value));
  }
  return {};
}

void lookupId(NativeCall& call) {
  std::string name(call.text(0));
  if (name.starts_with("GLOBAL::")) name.erase(0, std::string_view("GLOBAL::").size());
  auto index = call.vm().findGlobal(name);
  Value value = index ? call.vm().global(*index) : Value();
  if (!index) {
    const vm::Program& program = call.vm().program();
    if (const vm::Function* function = program.findFunction(name)) {
      auto at = static_cast<uint32_t>(function - program.functions.data());
      value = Value::adopt(function->type, call.vm().functionValue(at).take());
    } else {
      value = enumNamed(call.vm(), name);
    }
  }
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
    {"zeek_args", "function(): string_vec",
     "The command line, for the operator's own scripts; empty for others.", commandLine},
    {"gethostname", "function(): string", "The host's name as the compartment may know it.",
     hostName},
    {"type_name", "function(t: any): string", "The text of a value's type.", typeName},
    {"rand", "function(max: count): count", "A number below `max`, of the run's seed.",
     randomBelow},
    {"srand", "function(seed: count)", "Seeds rand().", seedRandom},
    {"unique_id", "function(prefix: string): string", "A text that no other call gave.", uniqueId},
    {"unique_id_from", "function(pool: int, prefix: string): string",
     "As unique_id, of a pool of its own.", uniqueIdFrom},
    {"lookup_ID", "function(id: string): any",
     "The value of a global, function or enum value by its name; \"<unknown id>\" if there is "
     "none.",
     lookupId},
    {"backtrace", "function(): Backtrace",
     "The calls under way, innermost first: each with its arguments as they are now, and the place "
     "of "
     "the call. The first element is this call itself, in the function that made it.",
     backtrace},
    {"suspend_processing", "function()", "Has no effect here: packets are the worker's.", nothing},
    {"continue_processing", "function()", "Has no effect here: packets are the worker's.", nothing},
    {"get_max_recursion_depth", "function(): count",
     "How many calls may be under way at once; 0: as many as there is room for.",
     [](NativeCall& call) { call.returnCount(call.vm().maxRecursion()); }},
    {"set_max_recursion_depth", "function(c: count)",
     "Changes that. There is room for some thousand calls, whatever is asked for.",
     [](NativeCall& call) { call.vm().setMaxRecursion(call.count(0)); }},
    {"do_profiling", "function()", "Has no effect; see the metrics.", nothing},
};

}  // namespace

Rows reporterRows() { return rows; }

}  // namespace bulkhead::builtins
