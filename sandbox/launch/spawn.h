#pragma once
// Starts one process with its pipes and sockets and the first moments of a child; what it becomes
// is the caller's business. Private to this room.

#include "sandbox/confine/child-entry.h"
#include "sandbox/confine/clone.h"
#include "sandbox/confine/confine.h"

#include <kj/common.h>
#include <kj/io.h>
#include <kj/string.h>

namespace bulkhead::sandbox {

// The child's ends and the host's ends of what connects them.
struct Connections {
  kj::AutoCloseFd null;
  kj::AutoCloseFd socketHost, socketChild;
  kj::AutoCloseFd setupHost, setupChild;
  kj::AutoCloseFd errorsHost, errorsChild;

  // `controlSocket`: the one inherited socket keeps message boundaries (for the zygote).
  static Connections make(bool controlSocket);
  ChildDescriptors childEnds(kj::ArrayPtr<const int> extra) const;
};

struct Spawned {
  pid_t pid = 0;
  kj::AutoCloseFd process;
};

// Clones; the child executes `program` with the given null-terminated vectors, its capabilities
// carried over if `carryCapabilities`.
Spawned spawnProgram(const CloneRequest& clone, ChildDescriptors descriptors, int program,
                     char* const* arguments, char* const* environment, bool carryCapabilities);

// Clones; the child goes on as confinedMain(childMain) without an exec.
Spawned spawnFork(const CloneRequest& clone, const ChildDescriptors& descriptors,
                  ChildMain childMain);

}  // namespace bulkhead::sandbox
