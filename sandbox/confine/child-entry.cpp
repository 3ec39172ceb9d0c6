#include "sandbox/confine/child-entry.h"

#include "sandbox/confine/setup-protocol.h"
#include "sandbox/outcome/outcome.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace bulkhead::sandbox {
namespace {

// Above every final place, so that no move overwrites a descriptor that is still to be moved.
constexpr int parkingPlace = 32;

struct Move {
  int* from;
  int to;
};

}  // namespace

int enterChild(const ChildDescriptors& descriptors, const char** step) {
  *step = "death signal";
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return errno;

  // The host writes this process's user map through /proc, which belongs to root otherwise. The
  // last step of the set-up takes it back.
  *step = "dumpable";
  if (prctl(PR_SET_DUMPABLE, 1) != 0) return errno;

  *step = "session";
  // Refused only to a group leader, which has a session of its own already.
  if (setsid() < 0 && errno != EPERM) return errno;

  // Handlers are the host's code and masks its business: start from a clean slate.
  *step = "signals";
  for (int signal = 1; signal < 32; ++signal) {
    if (signal != SIGKILL && signal != SIGSTOP) std::signal(signal, SIG_DFL);
  }
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t none;
  sigemptyset(&none);
  if (sigprocmask(SIG_SETMASK, &none, nullptr) != 0) return errno;

  *step = "descriptors";
  ChildDescriptors d = descriptors;
  int errorsAgain = d.errors;
  Move moves[7 + maxExtraDescriptors];
  int count = 0;
  const auto add = [&](int& from, int to) {
    if (from >= 0) moves[count++] = {&from, to};
  };
  add(d.null, 0);
  add(d.errors, 1);
  add(errorsAgain, 2);
  add(d.rpc, rpcDescriptor);
  add(d.setup, setupDescriptor);
  for (int i = 0; i < d.extraCount; ++i) add(d.extra[i], firstExtraDescriptor + i);
  add(d.image, imageDescriptor);
  for (int i = 0; i < count; ++i) {
    const int parked = fcntl(*moves[i].from, F_DUPFD_CLOEXEC, parkingPlace);
    if (parked < 0) return errno;
    *moves[i].from = parked;
  }
  uint32_t used = 0;
  for (int i = 0; i < count; ++i) {
    if (dup2(*moves[i].from, moves[i].to) < 0) return errno;
    used |= 1u << moves[i].to;
  }
  if (d.image >= 0) fcntl(imageDescriptor, F_SETFD, FD_CLOEXEC);
  for (int fd = 0; fd < firstFreeDescriptor; ++fd) {
    if ((used >> fd & 1) == 0) close(fd);
  }
  if (close_range(firstFreeDescriptor, ~0u, 0) != 0) return errno;
  return 0;
}

int carryCapabilitiesOverExec() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};
  if (syscall(SYS_capget, &header, data) != 0) return errno;
  for (auto& half : data) half.inheritable = half.permitted;
  if (syscall(SYS_capset, &header, data) != 0) return errno;
  for (int cap = 0; cap < 64; ++cap) {
    if ((data[cap / 32].permitted >> (cap % 32) & 1) == 0) continue;
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) != 0) return errno;
  }
  return 0;
}

void failSetup(int fd, const char* step, int error, const char* detail) {
  SetupReport report;
  report.kind = ReportKind::failed;
  report.error = error;
  std::strncpy(report.step, step, sizeof(report.step) - 1);
  std::strncpy(report.detail, detail, sizeof(report.detail) - 1);
  // write, not send: it is allowed under lockdown too.
  [[maybe_unused]] const ssize_t ignored = write(fd, &report, sizeof(report));
  _exit(exitSetupFailed);
}

}  // namespace bulkhead::sandbox
