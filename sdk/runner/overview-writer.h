#pragma once
// An overview and the diagnostics of an engine as a message to the host, within the limits of one.
// On the VM's thread; a pure function.

#include "schemas/overview.capnp.h"
#include "sdk/script/driver/engine.h"
#include "sdk/script/overview/overview.h"

namespace bulkhead::runner {

void writeOverview(schemas::Overview::Builder to, const overview::Overview& from,
                   const driver::Engine& engine);

}  // namespace bulkhead::runner
