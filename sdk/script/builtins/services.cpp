#include "sdk/script/builtins/services.h"

namespace bulkhead::builtins {

vm::Value TrafficView::connection(vm::Vm&, const vm::RecordObject&) { return {}; }
vm::Value TrafficView::file(vm::Vm&, std::string_view) { return {}; }
uint64_t TrafficView::currentAnalyzer(vm::Vm&) { return 0; }
std::optional<TrafficView::RawPacket> TrafficView::currentPacket() { return std::nullopt; }
std::vector<TrafficView::Analyzer> TrafficView::analyzers(const vm::RecordObject&) { return {}; }
void TrafficView::takeOff(const vm::RecordObject&, uint64_t) {}
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

}  // namespace bulkhead::builtins
