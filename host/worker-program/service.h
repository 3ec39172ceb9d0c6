#pragma once
// The worker process: schemas/control.capnp's Worker, and its main loop.
//
// One thread. The supervisor is trusted; what it hands over is not: the capture's bytes and the
// compartments behind the sockets. Locked down before either is looked at.

#include <kj/common.h>
#include <kj/function.h>

namespace bulkhead::worker {

// Serves the supervisor on `controlFd` (a Unix socket, for descriptors) until it disconnects. Takes
// the descriptors over. `captureFd` is a file or a pipe. `lockdown` is called once the event loop
// stands, before the first message. Returns the exit status.
int serve(int controlFd, int loggerFd, kj::Maybe<int> captureFd, kj::Function<void()> lockdown);

}  // namespace bulkhead::worker
