#pragma once
// The compartment's end of the conversation with its worker (schemas/package.capnp).
//
// Calls are queued as they arrive and served in order at the top level of the event loop, because
// scripts wait for the host in the middle of what they do. Single thread.

#include "sdk/runner/compartment.h"

#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>

namespace bulkhead::runner {

// Serves one worker until it closes the socket. Answers the exit status of the process. A worker
// that goes away in the middle of a script leaves the VM as the exception found it: the compartment
// may only be given up then, with the process.
int serve(kj::AsyncIoStream& stream, kj::WaitScope& waitScope, Compartment& compartment);

}  // namespace bulkhead::runner
