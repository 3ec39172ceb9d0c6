// Cluster and Input as a compartment has them: topics go through the host, readers need a grant.

#include "sdk/script/builtins/helpers.h"
#include "sdk/script/builtins/services.h"
#include "sdk/script/frameworks/families.h"

namespace bulkhead::frameworks {

namespace {

using types::Tag;
using vm::NativeCall;
using vm::TypedSlot;

builtins::TopicSink& topics(NativeCall& call) {
  return call.vm().extension<builtins::Services>().topics();
}

// Publishes the event at argument `first` with the arguments behind it.
bool publishTo(NativeCall& call, std::string_view topic, size_t first) {
  const TypedSlot event = call.argumentCount() > first ? call.any(first) : TypedSlot{};
  if (event.type == nullptr || !event.type->is(Tag::function)) {
    call.warn("an event to publish is missing");
    return false;
  }
  const auto& function = call.vm().program().functions[vm::functionOf(event.slot).function];
  const auto& parameters = function.type->parameters();
  if (function.event < 0 || parameters.size() != call.argumentCount() - first - 1) {
    call.warn("bad arguments to publish " + function.name);
    return false;
  }
  std::vector<TypedSlot> arguments;
  for (size_t i = first + 1; i < call.argumentCount(); ++i) arguments.push_back(call.any(i));
  return topics(call).publish(call.vm(), topic, function.name, arguments);
}
void publish(NativeCall& call) { call.returnBool(publishTo(call, call.text(0), 1)); }

// The pool's functions answer the topic of the member that a key or turn falls to.
void publishThrough(NativeCall& call, const char* function, bool keyed) {
  auto index = call.vm().program().findFunction(function);
  if (index == nullptr) return call.returnBool(false);
  std::vector<vm::Slot> arguments{call.slot(0)};
  vm::Value key;
  if (keyed) {
    TypedSlot plain = call.any(1);
    std::string error;
    key = call.vm().convert(plain, call.vm().types().basic(Tag::any), error);
    if (key.empty()) return call.returnBool(false);
    arguments.push_back(key.slot());
  } else {
    arguments.push_back(call.slot(1));
  }
  auto number = static_cast<uint32_t>(index - call.vm().program().functions.data());
  if (index->type->parameters().size() != arguments.size()) return call.returnBool(false);
  auto answer = call.vm().call(number, arguments);
  if (answer.abandoned || answer.value.empty() || vm::textOf(answer.value.slot()).empty())
    return call.returnBool(false);
  std::string topic(vm::textOf(answer.value.slot()));
  call.returnBool(publishTo(call, topic, 2));
}
void publishHrw(NativeCall& call) { publishThrough(call, "Cluster::hrw_topic", true); }
void publishRr(NativeCall& call) { publishThrough(call, "Cluster::rr_topic", false); }

void subscribe(NativeCall& call) { call.returnBool(topics(call).subscribe(call.text(0))); }
void unsubscribe(NativeCall& call) { call.returnBool(topics(call).unsubscribe(call.text(0))); }

// Readers reach out of the compartment, and no host answers them yet.
void refuseReader(NativeCall& call) {
  call.warn("the Input framework is not supported yet: no data is read");
  call.returnBool(false);
}
void noStream(NativeCall& call) { call.returnBool(false); }

constexpr vm::NativeRow rows[] = {
    {"Cluster::publish", "function(topic: string, ...): bool",
     "Publishes an event with its arguments to a topic.", publish},
    {"Cluster::publish_hrw", "function(pool: Cluster::Pool, key: any, ...): bool",
     "Publishes to the member of a pool that a key falls to.", publishHrw},
    {"Cluster::publish_rr", "function(pool: Cluster::Pool, key: string, ...): bool",
     "Publishes to the members of a pool in turn.", publishRr},
    {"Cluster::__subscribe", "function(topic_prefix: string): bool",
     "Receives what is published below a prefix.", subscribe},
    {"Cluster::__unsubscribe", "function(topic_prefix: string): bool", "The end of that.",
     unsubscribe},
    {"Input::__create_table_stream", "function(description: Input::TableDescription): bool",
     "Reads a table from outside.", refuseReader},
    {"Input::__create_event_stream", "function(description: Input::EventDescription): bool",
     "Raises an event per line from outside.", refuseReader},
    {"Input::__create_analysis_stream", "function(description: Input::AnalysisDescription): bool",
     "Passes data from outside to file analysis.", refuseReader},
    {"Input::__remove_stream", "function(id: string): bool", "Ends a stream.", noStream},
    {"Input::__force_update", "function(id: string): bool", "Reads a stream again.", noStream},
};

}  // namespace

std::span<const vm::NativeRow> clusterRows() { return rows; }

}  // namespace bulkhead::frameworks
