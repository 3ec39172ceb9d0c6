#pragma once
// The first moments of a child, between clone and its first word: used by every launcher. The
// calling process may have had other threads, so nothing here allocates or takes a lock.

#include "sandbox/policy/child-descriptors.h"

namespace bulkhead::sandbox {

// Where the child's descriptors are at the moment; -1 for none.
struct ChildDescriptors {
  int null = -1;
  int errors = -1;
  int rpc = -1;
  int setup = -1;
  int image = -1;
  int extra[maxExtraDescriptors] = {-1, -1, -1, -1, -1, -1, -1, -1};
  int extraCount = 0;
};

// Ends with the host, gets a session of its own, puts the descriptors in their places and closes
// every other. Returns 0 or an errno; `step` then names what failed.
int enterChild(const ChildDescriptors& descriptors, const char** step);

// Keeps the capabilities of a new user namespace over the exec of one of our own programs, which
// finishes the set-up itself. Returns 0 or an errno.
int carryCapabilitiesOverExec();

// Reports a failure over the set-up socket `fd` and exits with exitSetupFailed.
[[noreturn]] void failSetup(int fd, const char* step, int error, const char* detail = "");

}  // namespace bulkhead::sandbox
