// `assert`: the hooks assertion_result and assertion_failure, and the error if they let it come.

#include "sdk/script/vm/vm-impl.h"

namespace bulkhead::vm {

namespace {

constexpr const char* resultHook = "assertion_result";
constexpr const char* failureHook = "assertion_failure";

}  // namespace

// The calls under way, with the assertion itself innermost. Unset if that failed (reported).
Value Vm::Impl::assertionBacktrace() {
  const Function* backtrace = program.findFunction("backtrace");
  if (backtrace == nullptr) return {};
  auto index = static_cast<uint32_t>(backtrace - program.functions.data());
  Vm::CallResult result = vm.call(index, {});
  if (result.abandoned || result.value.empty()) return {};
  VectorObject& elements = vectorOf(result.value.slot());
  // The first element is the call of backtrace() itself: here the assertion.
  if (elements.size > 0 && elements.has(0) && elements.type->element()->is(types::Tag::record)) {
    RecordObject& own = recordOf(elements.data[0]);
    const types::RecordType& type = *own.layout->type;
    auto name = type.offsetOf("function_name");
    auto given = type.offsetOf("function_args");
    StringObject* text = heap.string("assert");
    if (name && text != nullptr) own.set(*name, Slot::ofObject(text));
    if (given) own.clear(*given);
  }
  return std::move(result.value);
}

bool Vm::Impl::assertion(bool holds, Slot message, std::string_view condition) {
  auto hookOf = [&](const char* name) -> std::optional<uint32_t> {
    const Function* hook = program.findFunction(name);
    if (hook == nullptr || hook->type->flavor() != types::Flavor::hook) return std::nullopt;
    for (const Body& body : hook->bodies)
      if (bodyEnabled(body)) return static_cast<uint32_t>(hook - program.functions.data());
    return std::nullopt;
  };
  auto result = hookOf(resultHook);
  auto failure = holds ? std::nullopt : hookOf(failureHook);
  bool tell = true;
  if (result || failure) {
    Value text =
        Value::adopt(types.basic(types::Tag::string), Slot::ofObject(heap.string(condition)));
    Value said = message.isUnset() ? Value::adopt(types.basic(types::Tag::string),
                                                  Slot::ofObject(heap.emptyString()))
                                   : Value::share(types.basic(types::Tag::string), message);
    Value calls = assertionBacktrace();
    if (text.slot().isUnset() || calls.empty()) return fail("memory limit reached");
    auto ask = [&](uint32_t hook, std::vector<Slot> arguments) {
      Vm::CallResult answer = vm.call(hook, arguments);
      if (answer.abandoned) return false;
      tell = tell && (answer.value.empty() || answer.value.slot().boolean());
      return true;
    };
    if (result && !ask(*result, {Slot::ofBool(holds), text.slot(), said.slot(), calls.slot()}))
      return false;
    if (failure && !ask(*failure, {text.slot(), said.slot(), calls.slot()})) return false;
  }
  if (holds) return true;
  if (!tell) {
    status = RunStatus::failed;
    return false;
  }
  std::string error = "assertion failure: " + std::string(condition);
  if (!message.isUnset()) error += " (" + std::string(textOf(message)) + ")";
  return fail(std::move(error));
}

}  // namespace bulkhead::vm
