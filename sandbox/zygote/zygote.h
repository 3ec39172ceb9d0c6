#pragma once
// The zygote's side: a process of its own program, started by Launcher::launchZygote(), that forks
// compartments on request. It links without KJ, because a child cannot set up an event loop after
// a fork that carries one.
//
//   int prepareAndServe(int control, LockdownHook& ready) {
//     loadScriptLibrary();          // compiled once, shared by every fork
//     ready();                      // Zygote::process().onLocked() resolves
//     return zygoteMain(control, compartmentMain);
//   }
//   int main() { confinedMain(prepareAndServe); }
//
// The process has one thread when it serves. Trusts the host; nothing of a package ever runs in
// the zygote itself. A call that its filter does not list fails with ENOSYS.

#include "sandbox/confine/confine.h"

#include <cstdint>

namespace bulkhead::sandbox {

// Serves until the host closes `control`; answers 0 then, or 1 after a broken request. In each
// fork, `childMain` is called once its layers are built and proven; it never returns to here.
int zygoteMain(int control, ChildMain childMain);

// The conversation, for Launcher. One request is answered before the next is read.
// Descriptors along with a request, in this order: /dev/null, errors, socket, set-up socket, then
// the extra ones, then the cgroup if there is one.
inline constexpr int fixedZygoteDescriptors = 4;
inline constexpr int maxZygoteDescriptors = fixedZygoteDescriptors + maxExtraDescriptors + 1;

struct ZygoteRequest {
  uint32_t version = 1;
  int32_t extraCount = 0;
  uint64_t cloneFlags = 0;
  bool withCgroup = false;
};

struct ZygoteReply {
  int32_t pid = -1;   // with a pidfd
  int32_t error = 0;  // why there is none
};

}  // namespace bulkhead::sandbox
