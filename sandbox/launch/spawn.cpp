#include "sandbox/launch/spawn.h"

#include <kj/debug.h>

#include <cerrno>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace bulkhead::sandbox {
namespace {

void makePair(int type, kj::AutoCloseFd& host, kj::AutoCloseFd& child) {
  int ends[2];
  KJ_SYSCALL(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends));
  host = kj::AutoCloseFd(ends[0]);
  child = kj::AutoCloseFd(ends[1]);
}

// In the child, where a lock of another thread may be held for ever: system calls only.
void enterOrFail(const ChildDescriptors& descriptors) {
  const char* step = "";
  const int error = enterChild(descriptors, &step);
  // Before the descriptors are in place the socket is where it was.
  if (error != 0) failSetup(descriptors.setup, step, error);
}

}  // namespace

Connections Connections::make(bool controlSocket) {
  Connections result;
  int null;
  KJ_SYSCALL(null = open("/dev/null", O_RDONLY | O_CLOEXEC));
  result.null = kj::AutoCloseFd(null);
  makePair(controlSocket ? SOCK_SEQPACKET : SOCK_STREAM, result.socketHost, result.socketChild);
  makePair(SOCK_SEQPACKET, result.setupHost, result.setupChild);
  int ends[2];
  KJ_SYSCALL(pipe2(ends, O_CLOEXEC));
  result.errorsHost = kj::AutoCloseFd(ends[0]);
  result.errorsChild = kj::AutoCloseFd(ends[1]);
  return result;
}

ChildDescriptors Connections::childEnds(kj::ArrayPtr<const int> extra) const {
  KJ_REQUIRE(extra.size() <= maxExtraDescriptors, "too many descriptors");
  ChildDescriptors result;
  result.null = null.get();
  result.errors = errorsChild.get();
  result.rpc = socketChild.get();
  result.setup = setupChild.get();
  for (int fd : extra) result.extra[result.extraCount++] = fd;
  return result;
}

Spawned spawnProgram(const CloneRequest& clone, ChildDescriptors descriptors, int program,
                     char* const* arguments, char* const* environment, bool carryCapabilities) {
  descriptors.image = program;
  int process = -1;
  const pid_t pid = cloneProcess(clone, &process);
  if (pid < 0) KJ_FAIL_SYSCALL("clone3", errno);
  if (pid == 0) {
    enterOrFail(descriptors);
    if (carryCapabilities) {
      if (const int error = carryCapabilitiesOverExec()) {
        failSetup(setupDescriptor, "carry capabilities", error);
      }
    }
    syscall(SYS_execveat, imageDescriptor, "", arguments, environment, AT_EMPTY_PATH);
    failSetup(setupDescriptor, "execute", errno);
  }
  return {pid, kj::AutoCloseFd(process)};
}

Spawned spawnFork(const CloneRequest& clone, const ChildDescriptors& descriptors,
                  ChildMain childMain) {
  int process = -1;
  const pid_t pid = cloneProcess(clone, &process);
  if (pid < 0) KJ_FAIL_SYSCALL("clone3", errno);
  if (pid == 0) {
    enterOrFail(descriptors);
    confinedMain(childMain);
  }
  return {pid, kj::AutoCloseFd(process)};
}

}  // namespace bulkhead::sandbox
