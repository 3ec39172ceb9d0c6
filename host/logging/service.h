#pragma once
// The logger process behind schemas/control.capnp's Logger interface, and the process's main loop.
//
// Event-loop thread. Callers are the supervisor and the workers; what they relay from compartments
// is checked as if it came from there. A compartment's violation is told once and nothing more of
// it is taken.

#include "schemas/control.capnp.h"

#include <kj/async-io.h>

namespace bulkhead::logging {

// Serves the supervisor on `socketFd` until it disconnects, and a worker on each of `workerFds`:
// all see one logger. `directoryFd` is the open log folder; script output goes to `outputFd`.
// `lockdown` is called once the event loop stands, before the first message. Returns the exit
// status.
int serve(int socketFd, kj::ArrayPtr<const int> workerFds, int directoryFd, int outputFd,
          kj::Function<void()> lockdown);

schemas::Logger::Client makeLoggerService(int directoryFd, int outputFd);

}  // namespace bulkhead::logging
