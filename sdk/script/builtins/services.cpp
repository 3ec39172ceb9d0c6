#include "sdk/script/builtins/services.h"

namespace bulkhead::builtins {

vm::Value TrafficView::connection(vm::Vm&, const vm::RecordObject&) { return {}; }
vm::Value TrafficView::file(vm::Vm&, std::string_view) { return {}; }
uint64_t TrafficView::currentAnalyzer() { return 0; }
std::optional<TrafficView::RawPacket> TrafficView::currentPacket() { return std::nullopt; }
vm::Value TrafficView::currentHeaders(vm::Vm&) { return {}; }
uint64_t TrafficView::analyzerId(const vm::RecordObject&, std::string_view) { return 0; }
std::map<std::string, uint64_t> TrafficView::statistics(std::string_view) { return {}; }

void AnswerSink::answer(vm::Vm&, std::string_view, std::span<const vm::TypedSlot>) {}

Outside::Reply Outside::request(vm::Vm&, std::string_view function, std::span<const vm::TypedSlot>,
                                const types::Type*) {
  return {{}, std::string(function) + " reaches out of the compartment, and there is no host"};
}
std::string Outside::requestLater(vm::Vm&, vm::AsyncToken, std::string_view function,
                                  std::span<const vm::TypedSlot>, const types::Type*) {
  return std::string(function) + " reaches out of the compartment, and there is no host";
}

bool TopicSink::publish(vm::Vm&, std::string_view, std::string_view,
                        std::span<const vm::TypedSlot>) {
  return true;
}
bool TopicSink::subscribe(std::string_view) { return true; }
bool TopicSink::unsubscribe(std::string_view) { return true; }

namespace {

// Without state, so that all Vms may share them.
TrafficView noTraffic;
AnswerSink noAnswers;
Outside noOutside;
TopicSink noTopics;

}  // namespace

Services::Services(vm::Vm&)
    : traffic_(&noTraffic), answers_(&noAnswers), outside_(&noOutside), topics_(&noTopics) {}
Services::~Services() = default;

namespace {

// Raises a weird event with as many of the texts as its declaration has parameters for.
void raiseWeird(vm::Vm& vm, std::string_view event, const vm::Value* subject, std::string_view name,
                std::string_view detail, std::string_view source) {
  auto id = vm.program().findEvent(event);
  if (!id || !vm.program().hasHandlers(*id)) return;
  const auto& parameters =
      vm.program().functions[vm.program().events[*id].function].type->parameters();
  std::vector<vm::Value> owned;
  const types::Type* text = vm.types().basic(types::Tag::string);
  auto add = [&](std::string_view part) {
    owned.push_back(vm::Value::adopt(text, vm::Slot::ofObject(vm.heap().string(part))));
  };
  add(name);
  if (subject != nullptr) owned.push_back(*subject);
  add(detail);
  add(source);
  if (parameters.size() > owned.size()) return;
  std::vector<vm::Slot> slots;
  for (size_t i = 0; i < parameters.size(); ++i) slots.push_back(owned[i].slot());
  vm.raise(*id, slots);
}

}  // namespace

void raiseConnectionWeird(vm::Vm& vm, const vm::Value& connection, std::string_view name,
                          std::string_view detail, std::string_view source) {
  raiseWeird(vm, "conn_weird", &connection, name, detail, source);
}

void raiseNetWeird(vm::Vm& vm, std::string_view name, std::string_view detail,
                   std::string_view source) {
  raiseWeird(vm, "net_weird", nullptr, name, detail, source);
}

}  // namespace bulkhead::builtins
