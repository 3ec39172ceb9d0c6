#include "sandbox/zygote/zygote.h"

#include "sandbox/confine/child-entry.h"
#include "sandbox/confine/clone.h"

#include <cerrno>
#include <cstring>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

namespace bulkhead::sandbox {
namespace {

struct Received {
  ZygoteRequest request;
  int descriptors[maxZygoteDescriptors];
  int count = 0;

  void closeAll() {
    for (int i = 0; i < count; ++i) close(descriptors[i]);
    count = 0;
  }
};

// 1: a request; 0: the host is gone; -1: broken.
int receive(int control, Received& received) {
  iovec part{&received.request, sizeof(received.request)};
  alignas(cmsghdr) char buffer[CMSG_SPACE(sizeof(int) * maxZygoteDescriptors)] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = buffer;
  message.msg_controllen = sizeof(buffer);
  ssize_t got;
  do {
    got = recvmsg(control, &message, MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  if (got == 0) return 0;
  if (got < 0) return -1;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const size_t bytes = header->cmsg_len - CMSG_LEN(0);
    std::memcpy(received.descriptors, CMSG_DATA(header), bytes);
    received.count = static_cast<int>(bytes / sizeof(int));
  }
  const ZygoteRequest& request = received.request;
  const bool whole =
      got == sizeof(request) && (message.msg_flags & MSG_CTRUNC) == 0 && request.extraCount >= 0 &&
      request.extraCount <= maxExtraDescriptors &&
      received.count == fixedZygoteDescriptors + request.extraCount + (request.withCgroup ? 1 : 0);
  return whole ? 1 : -1;
}

bool reply(int control, const ZygoteReply& answer, int process) {
  ZygoteReply copy = answer;
  iovec part{&copy, sizeof(copy)};
  alignas(cmsghdr) char buffer[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (process >= 0) {
    message.msg_control = buffer;
    message.msg_controllen = sizeof(buffer);
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &process, sizeof(process));
  }
  return sendmsg(control, &message, MSG_NOSIGNAL) == sizeof(copy);
}

[[noreturn]] void becomeChild(const Received& received, ChildMain childMain) {
  ChildDescriptors descriptors;
  descriptors.null = received.descriptors[0];
  descriptors.errors = received.descriptors[1];
  descriptors.rpc = received.descriptors[2];
  descriptors.setup = received.descriptors[3];
  descriptors.extraCount = received.request.extraCount;
  for (int i = 0; i < descriptors.extraCount; ++i) {
    descriptors.extra[i] = received.descriptors[fixedZygoteDescriptors + i];
  }
  const char* step = "";
  if (const int error = enterChild(descriptors, &step)) failSetup(descriptors.setup, step, error);
  confinedMain(childMain);
}

}  // namespace

int zygoteMain(int control, ChildMain childMain) {
  Received received;
  while (true) {
    const int result = receive(control, received);
    if (result <= 0) {
      received.closeAll();
      return result == 0 ? 0 : 1;
    }
    CloneRequest clone;
    // The host becomes the parent: it learns the end, and its own end is the child's.
    clone.flags = received.request.cloneFlags | CLONE_PARENT;
    if (received.request.withCgroup) clone.cgroup = received.descriptors[received.count - 1];
    int process = -1;
    const pid_t pid = cloneProcess(clone, &process);
    if (pid == 0) becomeChild(received, childMain);
    const ZygoteReply answer{pid, pid < 0 ? errno : 0};
    received.closeAll();
    const bool told = reply(control, answer, process);
    if (process >= 0) close(process);
    if (!told) return 1;
  }
}

}  // namespace bulkhead::sandbox
