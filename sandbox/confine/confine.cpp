#include "sandbox/confine/confine.h"

#include "sandbox/confine/child-entry.h"
#include "sandbox/confine/setup-protocol.h"
#include "sandbox/confine/steps.h"
#include "sandbox/outcome/outcome.h"
#include "sandbox/policy/layers.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace bulkhead::sandbox {
namespace {

// Written once before anything of a package runs. Static, because a forked child must not allocate
// and the request is too large for a small stack.
SetupRequest theRequest;

void say(ReportKind kind) {
  SetupReport report;
  report.kind = kind;
  if (write(setupDescriptor, &report, sizeof(report)) != sizeof(report)) {
    // The host is gone; there is nobody to tell.
    _exit(exitSetupFailed);
  }
}

void check(const char* step, const steps::Result& result) {
  if (result.failed) failSetup(setupDescriptor, step, result.error, result.detail);
}

// The descriptor of the listener, or 0 without NEW_LISTENER.
int loadFilter(const FilterProgram& program, unsigned flags, const char* step) {
  sock_fprog code{program.length, const_cast<sock_filter*>(program.code)};
  const long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &code);
  if (result < 0) failSetup(setupDescriptor, step, errno);
  return static_cast<int>(result);
}

void receiveRequest() {
  ssize_t got;
  do {
    got = read(setupDescriptor, &theRequest, sizeof(theRequest));
  } while (got < 0 && errno == EINTR);
  if (got == 0) _exit(exitSetupFailed);  // the host ended before it was ready for us
  if (got < 0) failSetup(setupDescriptor, "request", errno);
  if (got != sizeof(theRequest) || theRequest.version != setupVersion ||
      theRequest.startup.length > maxFilterInstructions ||
      theRequest.lockdown.length > maxFilterInstructions ||
      theRequest.seal.length > maxFilterInstructions || theRequest.limitCount > maxLimits ||
      theRequest.extraCount > maxExtraDescriptors) {
    failSetup(setupDescriptor, "request", EPROTO, "host and child are of different builds");
  }
}

// A change of user clears the death signal. Between the two the host may have ended: then its end
// of the socket is closed.
void renewDeathSignal() {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) failSetup(setupDescriptor, "death signal", errno);
  pollfd host{setupDescriptor, POLLIN, 0};
  if (poll(&host, 1, 0) < 0) failSetup(setupDescriptor, "death signal", errno);
  if ((host.revents & (POLLHUP | POLLERR)) != 0) _exit(exitSetupFailed);
}

void buildLayers(const SetupRequest& request) {
  const LayerSet layers = LayerSet::fromBits(request.layers);
  const uint64_t addressSpace = steps::addressSpaceInUse();

  if (layers.has(Layer::descriptors)) check("descriptors", steps::proveDescriptors());
  if (request.switchUser) {
    check("user", steps::switchUser(request));
    renewDeathSignal();
  }
  if (layers.has(Layer::utsNamespace)) check("uts-namespace", steps::hideHostName());
  if (layers.has(Layer::emptyRoot)) {
    check("empty-root", steps::emptyRoot(request));
    check("empty-root", steps::proveEmptyRoot(request));
  } else if (chdir("/") != 0) {
    // The folder that the host was started in is nobody's business.
    failSetup(setupDescriptor, "working folder", errno);
  }
  if (layers.has(Layer::pidNamespace)) check("pid-namespace", steps::provePidNamespace());
  // Before Landlock, which would refuse the same act and hide a missing namespace.
  if (layers.has(Layer::netNamespace)) check("net-namespace", steps::proveNetNamespace());
  if (layers.has(Layer::noNewPrivs)) check("no-new-privs", steps::noNewPrivileges());
  if (layers.has(Layer::capabilities)) {
    check("capabilities", steps::dropCapabilities());
    check("capabilities", steps::proveCapabilities());
  }
  if (request.switchUser) check("user", steps::proveUser(request));
  if (layers.has(Layer::landlock)) {
    const bool net = layers.has(Layer::landlockNet);
    const bool scope = layers.has(Layer::landlockScope);
    check("landlock", steps::landlock(request, net, scope));
    check("landlock", steps::proveLandlock(request, net, scope));
  }
  if (layers.has(Layer::rlimits)) {
    check("rlimits", steps::limits(request, addressSpace));
    check("rlimits", steps::proveLimits(request));
  }
  // Nobody of the same user may attach to it or read its memory through /proc.
  if (prctl(PR_SET_DUMPABLE, 0) != 0) failSetup(setupDescriptor, "dumpable", errno);
}

void sendListener(int listener) {
  SetupReport report;
  report.kind = ReportKind::listener;
  iovec part{&report, sizeof(report)};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(header), &listener, sizeof(listener));
  if (sendmsg(setupDescriptor, &message, MSG_NOSIGNAL) != sizeof(report)) {
    failSetup(setupDescriptor, "hand-over", errno);
  }
}

void lockDown(const SetupRequest& request) {
  const int listener =
      loadFilter(request.lockdown, SECCOMP_FILTER_FLAG_NEW_LISTENER, "seccomp lockdown");
  sendListener(listener);
  // With a copy of its own the child would wait for ever for an answer if the host ended.
  if (close(listener) != 0) failSetup(setupDescriptor, "hand-over", errno);
  loadFilter(request.seal, 0, "seccomp seal");
  say(ReportKind::locked);
}

[[noreturn]] void executeImage(const SetupRequest& request) {
  if (fcntl(setupDescriptor, F_SETFD, FD_CLOEXEC) != 0) {
    failSetup(setupDescriptor, "execute", errno);
  }
  char* const arguments[] = {const_cast<char*>(request.name), nullptr};
  char* const environment[] = {nullptr};
  lockDown(request);
  syscall(SYS_execveat, imageDescriptor, "", arguments, environment, AT_EMPTY_PATH);
  failSetup(setupDescriptor, "execute", errno);
}

}  // namespace

const char* LockdownHook::name() const { return request_.name; }
int LockdownHook::extraCount() const { return request_.extraCount; }

void LockdownHook::operator()() {
  if (locked_) return;
  if (request_.lockdown.length > 0) {
    lockDown(request_);
    close(setupDescriptor);
  } else {
    say(ReportKind::locked);
  }
  locked_ = true;
}

void confinedMain(ChildMain childMain) {
  say(ReportKind::born);
  receiveRequest();
  // Only what ps shows.
  prctl(PR_SET_NAME, theRequest.name);
  buildLayers(theRequest);
  if (theRequest.startup.length > 0) loadFilter(theRequest.startup, 0, "seccomp start-up");
  say(ReportKind::ready);
  if (theRequest.after == AfterSetup::executeImage) executeImage(theRequest);
  LockdownHook lockdown(theRequest);
  _exit(childMain(rpcDescriptor, lockdown));
}

}  // namespace bulkhead::sandbox
