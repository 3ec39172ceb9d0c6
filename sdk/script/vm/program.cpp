#include "sdk/script/vm/program.h"

#include <optional>

namespace bulkhead::vm {

Program::Program() = default;
Program::~Program() = default;

void Program::seal() {
  functionsByName_.clear();
  eventsByName_.clear();
  globalsByName_.clear();
  for (uint32_t i = 0; i < functions.size(); ++i) functionsByName_.emplace(functions[i].name, i);
  for (uint32_t i = 0; i < events.size(); ++i) eventsByName_.emplace(events[i].name, i);
  for (uint32_t i = 0; i < globals.size(); ++i) globalsByName_.emplace(globals[i].name, i);
}

const Function* Program::findFunction(std::string_view name) const {
  auto it = functionsByName_.find(std::string(name));
  return it == functionsByName_.end() ? nullptr : &functions[it->second];
}

std::optional<EventId> Program::findEvent(std::string_view name) const {
  auto it = eventsByName_.find(std::string(name));
  if (it == eventsByName_.end()) return std::nullopt;
  return it->second;
}

std::optional<uint32_t> Program::findGlobal(std::string_view name) const {
  auto it = globalsByName_.find(std::string(name));
  if (it == globalsByName_.end()) return std::nullopt;
  return it->second;
}

const Type* Program::findType(std::string_view name) const {
  auto it = namedTypes.find(std::string(name));
  return it == namedTypes.end() ? nullptr : it->second;
}

}  // namespace bulkhead::vm
