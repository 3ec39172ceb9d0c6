#pragma once
// What one compartment asked for when it loaded, checked and in a form that costs a bit test per
// event. A plain value.

#include "host/events/catalog.h"
#include "schemas/package.capnp.h"

#include <bitset>
#include <string>

namespace bulkhead::worker {

struct Demand {
  using Events = std::bitset<events::eventCount>;

  Events events;
  Events answering;            // from these the analysis waits for answers
  Events answeringRegistered;  // of these only about what was registered for
  Events answeringLater;       // from these only before it uses them
  bool timers = true;
  bool rawPackets = false;
  bool analyzers = false;
  bool captureFigures = false;
  // Fields of a connection that are ever read.
  bool endpoints = true;
  bool services = true;
  bool history = true;

  // Unknown event numbers are ignored: they cannot be raised.
  static Demand from(schemas::Demand::Reader demand);
};

}  // namespace bulkhead::worker
