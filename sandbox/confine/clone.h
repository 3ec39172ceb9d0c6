#pragma once
// clone3 and the user map, for every launcher. For the rooms launch and zygote.

#include <cstdint>
#include <sys/types.h>

namespace bulkhead::sandbox {

struct CloneRequest {
  // CLONE_NEW*, CLONE_PARENT.
  uint64_t flags = 0;
  // Version 2 cgroup to be born in, -1 for none.
  int cgroup = -1;
};

// Like fork(): 0 in the child, its pid in the parent with a pidfd, -1 with errno. The C library
// does not know of it, so the child must only make system calls until it executes something,
// unless the parent has a single thread.
pid_t cloneProcess(const CloneRequest& request, int* pidfd);

}  // namespace bulkhead::sandbox
