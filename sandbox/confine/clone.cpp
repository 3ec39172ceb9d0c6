#include "sandbox/confine/clone.h"

#include <cerrno>
#include <csignal>
#include <linux/sched.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace bulkhead::sandbox {

pid_t cloneProcess(const CloneRequest& request, int* pidfd) {
  clone_args arguments{};
  arguments.flags = request.flags | CLONE_PIDFD;
  arguments.pidfd = reinterpret_cast<uint64_t>(pidfd);
  // With CLONE_PARENT the child reports like its elder sibling does, and none may be named.
  arguments.exit_signal = (request.flags & CLONE_PARENT) != 0 ? 0 : SIGCHLD;
  if (request.cgroup >= 0) {
    arguments.flags |= CLONE_INTO_CGROUP;
    arguments.cgroup = static_cast<uint64_t>(request.cgroup);
  }
  return static_cast<pid_t>(syscall(SYS_clone3, &arguments, sizeof(arguments)));
}

}  // namespace bulkhead::sandbox
