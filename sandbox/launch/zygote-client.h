#pragma once
// The host's end of the zygote's control socket. Private to this room.

#include "sandbox/launch/starter.h"

#include <kj/memory.h>

namespace bulkhead::sandbox {

// `process` is the zygote itself; `starter` outlives the result.
kj::Own<Zygote> makeZygoteClient(Starter& starter, kj::Own<Child> process);

}  // namespace bulkhead::sandbox
