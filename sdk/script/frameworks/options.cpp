// Option::*: values of `option` globals that change while the script runs, and who is asked first.

#include "sdk/script/builtins/helpers.h"
#include "sdk/script/frameworks/families.h"

#include <algorithm>
#include <map>

namespace bulkhead::frameworks {

namespace {

using builtins::outOfMemory;
using types::Tag;
using vm::NativeCall;
using vm::Slot;
using vm::TypedSlot;
using vm::Value;

class Options final : public vm::Extension {
 public:
  struct Handler {
    Value function;
    int64_t priority;
  };
  explicit Options(vm::Vm&) {}
  // By global, higher priority first, then order of registration.
  std::map<uint32_t, std::vector<Handler>> handlers;
};

std::optional<uint32_t> optionNamed(NativeCall& call, std::string_view name) {
  std::string plain(name.starts_with("GLOBAL::") ? name.substr(8) : name);
  auto index = call.vm().findGlobal(plain);
  if (!index) {
    call.warn("Could not find ID named '" + plain + "'");
    return std::nullopt;
  }
  if (!call.vm().program().globals[*index].isOption) {
    call.warn("ID '" + plain + "' is not an option");
    return std::nullopt;
  }
  return index;
}

void set(NativeCall& call) {
  auto index = optionNamed(call, call.text(0));
  if (!index) return call.returnBool(false);
  const types::Type* type = call.vm().program().globals[*index].type;
  std::string error;
  Value value = call.vm().convert(call.any(1), type, error);
  if (value.empty()) {
    call.warn("Incompatible type for set of ID '" + std::string(call.text(0)) + "': got '" +
              types::typeText(call.any(1).type) + "', need '" + types::typeText(type) + "'");
    return call.returnBool(false);
  }
  // A copy: a handler may register others.
  auto handlers = call.vm().extension<Options>().handlers[*index];
  for (const auto& handler : handlers) {
    // A handler for all options takes and gives any; what it gets must be of just its types.
    const types::Type* text = call.vm().types().basic(types::Tag::string);
    std::vector<vm::TypedSlot> arguments{{text, call.slot(0)}, value.view()};
    if (handler.function.type()->asFunc().parameters().size() > 2)
      arguments.push_back({text, call.slot(2)});
    Value answer = call.invoke(vm::functionOf(handler.function.slot()), arguments);
    if (call.failed()) return;
    if (answer.empty()) {
      call.warn("Change handler for " + std::string(call.text(0)) + " returned no value");
      return call.returnBool(false);
    }
    value = call.vm().convert({answer.type(), answer.slot()}, type, error);
    if (value.empty()) {
      call.warn("Change handler for " + std::string(call.text(0)) +
                " returned a value of another type");
      return call.returnBool(false);
    }
  }
  call.vm().setGlobal(*index, value.take());
  call.returnBool(true);
}

void setChangeHandler(NativeCall& call) {
  auto index = optionNamed(call, call.text(0));
  if (!index) return call.returnBool(false);
  TypedSlot function = call.any(1);
  const types::Type* type = call.vm().program().globals[*index].type;
  auto fits = [&] {
    if (!function.type->is(Tag::function)) return false;
    const auto& f = function.type->asFunc();
    const auto& parameters = f.parameters();
    return parameters.size() >= 2 && parameters.size() <= 3 &&
           parameters[0].type->is(Tag::string) && types::sameType(parameters[1].type, type) &&
           (parameters.size() < 3 || parameters[2].type->is(Tag::string)) &&
           f.result() != nullptr && types::sameType(f.result(), type);
  };
  if (!fits()) {
    call.warn(
        "Option::set_change_handler needs a function of the option's name and value (and "
        "location) that gives a value, for " +
        std::string(call.text(0)));
    return call.returnBool(false);
  }
  auto& handlers = call.vm().extension<Options>().handlers[*index];
  int64_t priority = call.integer(2);
  auto place = std::find_if(handlers.begin(), handlers.end(),
                            [&](const auto& h) { return h.priority < priority; });
  handlers.insert(place, {Value::share(function.type, function.slot), priority});
  call.returnBool(true);
}

void anySetToAnyVec(NativeCall& call) {
  TypedSlot set = call.any(0);
  auto out = builtins::resultVector(call);
  if (!set.type->is(Tag::set) || set.type->asTable().indices().size() != 1) {
    call.warn("any_set_to_any_vec() takes a set with one index");
    return call.returnRef(std::move(out));
  }
  const types::Type* key = set.type->asTable().indices()[0];
  for (vm::TableWalk walk(vm::tableOf(set.slot)); !walk.done(); walk.advance()) {
    if (key->isManaged()) vm::retain(walk.keys()[0]);
    if (!out->append(call.heap().box(key, walk.keys()[0]))) return call.fail(outOfMemory);
  }
  call.returnRef(std::move(out));
}

void globalOptions(NativeCall& call) {
  auto out = builtins::resultTable(call);
  for (const auto& global : call.vm().program().globals)
    if (global.isOption && !builtins::addText(call, *out, global.name)) return;
  call.returnRef(std::move(out));
}

constexpr vm::NativeRow rows[] = {
    {"Option::set", "function(ID: string, val: any, location: string &default=\"\"): bool",
     "Gives an option a new value, after its change handlers had a look.", set},
    {"Option::set_change_handler",
     "function(ID: string, on_change: any, priority: int &default=0): bool",
     "Has a function see (and maybe alter) each new value of an option.", setChangeHandler},
    {"Option::any_set_to_any_vec", "function(v: any): any_vec", "The elements of a set.",
     anySetToAnyVec},
    {"global_options", "function(): string_set", "The names of all options.", globalOptions},
};

}  // namespace

std::span<const vm::NativeRow> optionRows() { return rows; }

}  // namespace bulkhead::frameworks
