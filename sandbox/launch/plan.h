#pragma once
// Turns a profile, limits and a machine into what a child is asked to build. Private to this room.

#include "sandbox/confine/setup-protocol.h"
#include "sandbox/launch/launcher.h"
#include "sandbox/launch/machine.h"

#include <kj/memory.h>
#include <kj/string.h>

namespace bulkhead::sandbox {

inline constexpr uint32_t innerUser = 1000;

struct UserPlan {
  bool mapped = false;    // a user namespace with a map to write
  bool switched = false;  // the child changes to `inner`
  bool dropGroups = false;
  uint32_t inner = 0;      // as numbered inside
  uint32_t outerUser = 0;  // what a mapped one stands for outside
  uint32_t outerGroup = 0;
};

UserPlan planUser(const Machine& machine, Identity identity, uint32_t slot);

// CLONE_NEW* for the layers.
uint64_t cloneFlags(LayerSet layers);

// The layers that a profile gets on this machine; `withCgroup` is what its cgroup enforces.
LayerSet planLayers(const Machine& machine, ProfileId profile, Identity identity);

kj::Own<SetupRequest> makeRequest(const LaunchSpec& spec, const CompiledPolicy& policy,
                                  LayerSet layers, const UserPlan& user, AfterSetup after);

// Writes the user and group map of a child that waits in its new user namespace.
void writeUserMap(pid_t pid, const UserPlan& user);

}  // namespace bulkhead::sandbox
