#include "host/worker/demand.h"

#include <string_view>

namespace bulkhead::worker {

Demand Demand::from(schemas::Demand::Reader demand) {
  Demand out;
  for (uint16_t id : demand.getEvents()) {
    if (id < events::eventCount) out.events.set(id);
  }
  if (demand.getAnswers().size() > 0) {
    for (uint16_t id : demand.getLaterAnsweringEvents()) {
      if (id < events::eventCount) out.answeringLater.set(id);
    }
    out.answeringLater &= out.events;
    if (demand.getAnsweringEvents().size() == 0 && out.answeringLater.none())
      out.answering = out.events;
    for (uint16_t id : demand.getAnsweringEvents()) {
      if (id < events::eventCount) out.answering.set(id);
    }
    out.answering &= out.events;
    for (uint16_t id : demand.getRegisteredAnsweringEvents()) {
      if (id < events::eventCount) out.answeringRegistered.set(id);
    }
  }
  out.timers = demand.getTimers();
  out.rawPackets = demand.getRawPackets();
  out.analyzers = demand.getAnalyzers();
  out.captureFigures = demand.getCaptureFigures();
  auto fields = demand.getFieldsOfConnection();
  if (fields.size() > 0) {
    out.endpoints = out.services = out.history = false;
    for (auto field : fields) {
      std::string_view name(field.begin(), field.size());
      name = name.substr(0, name.find('.'));
      if (name == "orig" || name == "resp") out.endpoints = true;
      if (name == "service") out.services = true;
      if (name == "history") out.history = true;
    }
  }
  return out;
}

}  // namespace bulkhead::worker
