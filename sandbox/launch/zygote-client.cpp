#include "sandbox/launch/zygote-client.h"

#include "sandbox/zygote/zygote.h"

#include <kj/debug.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>

namespace bulkhead::sandbox {
namespace {

using Observer = kj::UnixEventPort::FdObserver;

// A request on its way, with what its child needs.
struct Pending {
  kj::String name;
  Limits limits;
  kj::Maybe<ErrorLines> onErrorLine;
  Starter::Prepared prepared;
  // Own copies, since the caller's may be gone when the request's turn comes.
  kj::Vector<kj::AutoCloseFd> extra;
};

struct ReplyResult {
  ZygoteReply reply;
  kj::AutoCloseFd process;
};

class ZygoteClient final : public Zygote {
 public:
  ZygoteClient(Starter& starter, kj::Own<Child> process)
      : starter_(starter),
        process_(kj::mv(process)),
        control_(process_->takeSocket()),
        observer_(starter.port(), control_.get(), Observer::OBSERVE_READ_WRITE),
        turn_(process_->onLocked().fork()) {}

  Child& process() override { return *process_; }

  kj::Promise<kj::Own<Child>> spawn(LaunchSpec spec, kj::Maybe<ErrorLines> onErrorLine) override {
    KJ_REQUIRE(!profileOf(spec.profile).lockdown.empty(), "a fork must be locked down");
    auto pending = kj::heap<Pending>();
    pending->name = kj::str(spec.name);
    pending->limits = spec.limits;
    pending->onErrorLine = kj::mv(onErrorLine);
    pending->prepared = starter_.prepare(spec, AfterSetup::callMain);
    for (int fd : spec.extraDescriptors) {
      int copy;
      KJ_SYSCALL(copy = fcntl(fd, F_DUPFD_CLOEXEC, 0));
      pending->extra.add(kj::AutoCloseFd(copy));
    }
    auto mine = turn_.addBranch()
                    .then([this, pending = kj::mv(pending)]() mutable {
                      auto& p = *pending;
                      return send(p)
                          .then([this]() { return receive(); })
                          .then([this, pending = kj::mv(pending)](ReplyResult result) mutable {
                            return finish(kj::mv(pending), kj::mv(result));
                          });
                    })
                    .fork();
    // The next one waits for this one, whatever becomes of it.
    turn_ = mine.addBranch().then([](kj::Own<Shared>) {}, [](kj::Exception&&) {}).fork();
    return mine.addBranch().then([](kj::Own<Shared> shared) { return kj::mv(shared->child); });
  }

 private:
  // A promise with two readers needs a value that both can have.
  struct Shared : public kj::Refcounted {
    kj::Own<Child> child;
    kj::Own<Shared> addRef() { return kj::addRef(*this); }
  };

  kj::Promise<void> send(Pending& pending) {
    ZygoteRequest request;
    request.extraCount = static_cast<int32_t>(pending.extra.size());
    request.cloneFlags = pending.prepared.clone.flags;
    request.withCgroup = pending.prepared.clone.cgroup >= 0;
    int descriptors[maxZygoteDescriptors];
    int count = 0;
    const Connections& connections = pending.prepared.connections;
    descriptors[count++] = connections.null.get();
    descriptors[count++] = connections.errorsChild.get();
    descriptors[count++] = connections.socketChild.get();
    descriptors[count++] = connections.setupChild.get();
    for (const auto& fd : pending.extra) descriptors[count++] = fd.get();
    if (request.withCgroup) descriptors[count++] = pending.prepared.clone.cgroup;

    iovec part{&request, sizeof(request)};
    alignas(cmsghdr) char buffer[CMSG_SPACE(sizeof(int) * maxZygoteDescriptors)] = {};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = buffer;
    message.msg_controllen = CMSG_SPACE(sizeof(int) * static_cast<size_t>(count));
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * static_cast<size_t>(count));
    std::memcpy(CMSG_DATA(header), descriptors, sizeof(int) * static_cast<size_t>(count));
    const ssize_t sent = sendmsg(control_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EAGAIN) {
      return observer_.whenBecomesWritable().then([this, &pending]() { return send(pending); });
    }
    if (sent != sizeof(request)) {
      return KJ_EXCEPTION(DISCONNECTED, "the zygote is gone", errno);
    }
    return kj::READY_NOW;
  }

  kj::Promise<ReplyResult> receive() {
    ReplyResult result;
    iovec part{&result.reply, sizeof(result.reply)};
    alignas(cmsghdr) char buffer[CMSG_SPACE(sizeof(int))] = {};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = buffer;
    message.msg_controllen = sizeof(buffer);
    const ssize_t got = recvmsg(control_.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
      return observer_.whenBecomesReadable().then([this]() { return receive(); });
    }
    if (got != sizeof(result.reply)) return KJ_EXCEPTION(DISCONNECTED, "the zygote is gone");
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    if (header != nullptr && header->cmsg_type == SCM_RIGHTS) {
      int process;
      std::memcpy(&process, CMSG_DATA(header), sizeof(process));
      result.process = kj::AutoCloseFd(process);
    }
    return kj::mv(result);
  }

  kj::Own<Shared> finish(kj::Own<Pending> pending, ReplyResult result) {
    if (result.reply.pid <= 0 || result.process.get() < 0) {
      KJ_FAIL_SYSCALL("clone3 in the zygote", result.reply.error, pending->name);
    }
    Spawned spawned{result.reply.pid, kj::mv(result.process)};
    auto shared = kj::refcounted<Shared>();
    shared->child = starter_.adopt(pending->name, pending->limits, kj::mv(pending->prepared),
                                   kj::mv(spawned), kj::mv(pending->onErrorLine));
    return shared;
  }

  Starter& starter_;
  kj::Own<Child> process_;
  kj::AutoCloseFd control_;
  Observer observer_;
  // Resolves when the request before is done.
  kj::ForkedPromise<void> turn_;
};

}  // namespace

kj::Own<Zygote> makeZygoteClient(Starter& starter, kj::Own<Child> process) {
  return kj::heap<ZygoteClient>(starter, kj::mv(process));
}

}  // namespace bulkhead::sandbox
