#pragma once
// pidfds. The C library's <sys/pidfd.h> of Debian 12 cannot be linked from C++, so these are the
// bare system calls. Each answers -1 with errno.

#include <csignal>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

namespace bulkhead::sandbox {

inline int openProcess(pid_t pid) { return static_cast<int>(syscall(SYS_pidfd_open, pid, 0)); }

inline int killProcess(int descriptor) {
  return static_cast<int>(syscall(SYS_pidfd_send_signal, descriptor, SIGKILL, nullptr, 0));
}

}  // namespace bulkhead::sandbox
