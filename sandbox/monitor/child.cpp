#include "sandbox/monitor/child.h"

#include "sandbox/confine/process-descriptor.h"
#include "sandbox/confine/setup-protocol.h"
#include "sandbox/monitor/error-pipe.h"
#include "sandbox/monitor/refusals.h"

#include <kj/debug.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bulkhead::sandbox {
namespace {

using Observer = kj::UnixEventPort::FdObserver;

uint64_t nanoseconds(const timeval& time) {
  return static_cast<uint64_t>(time.tv_sec) * 1000000000 +
         static_cast<uint64_t>(time.tv_usec) * 1000;
}

// One word of the set-up conversation.
struct Received {
  SetupReport report;
  kj::AutoCloseFd descriptor;
};
enum class ReceiveResult { report, nothing, end };

ReceiveResult receiveReport(int fd, Received& result) {
  iovec part{&result.report, sizeof(result.report)};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  ssize_t got;
  do {
    got = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  if (got < 0 && errno == EAGAIN) return ReceiveResult::nothing;
  if (got <= 0) return ReceiveResult::end;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
        header->cmsg_len == CMSG_LEN(sizeof(int))) {
      int received;
      std::memcpy(&received, CMSG_DATA(header), sizeof(received));
      result.descriptor = kj::AutoCloseFd(received);
    }
  }
  // A program that was locked and sealed cannot get here, a short word is a bug of ours.
  if (got != sizeof(result.report)) return ReceiveResult::end;
  result.report.step[sizeof(result.report.step) - 1] = 0;
  result.report.detail[sizeof(result.report.detail) - 1] = 0;
  return ReceiveResult::report;
}

}  // namespace

class Child::Impl final : private kj::TaskSet::ErrorHandler {
 public:
  Impl(kj::UnixEventPort& port, Parts parts)
      : port_(port),
        parts_(kj::mv(parts)),
        processObserver_(port, parts_.process.get(), Observer::OBSERVE_READ),
        setupObserver_(port, parts_.setup.get(), Observer::OBSERVE_READ),
        errors_(port, kj::mv(parts_.errors), kj::mv(parts_.onErrorLine)),
        end_(kj::newPromiseAndFulfiller<Outcome>()),
        onEnd_(end_.promise.fork()),
        locked_(kj::newPromiseAndFulfiller<void>()),
        onLocked_(locked_.promise.fork()),
        tasks_(*this) {
    tasks_.add(converse());
    tasks_.add(errors_.drain());
    tasks_.add(watchProcess());
  }

  ~Impl() noexcept(false) {
    if (ended_) return;
    signalKill();
    // A killed process that holds no files or devices is gone in no time.
    reap(true);
  }

  const Parts& parts() const { return parts_; }
  kj::AutoCloseFd takeSocket() { return kj::mv(parts_.socket); }
  kj::Promise<void> onLocked() { return onLocked_.addBranch(); }
  kj::Promise<Outcome> onEnd() { return onEnd_.addBranch(); }
  bool hasEnded() const { return ended_; }
  const ErrorPipe& errors() const { return errors_; }

  void kill(kj::StringPtr reason) {
    if (ended_) return;
    causes_.killRequested(reason.cStr());
    signalKill();
  }

  Usage usage() {
    if (ended_) return finalUsage_;
    KJ_IF_MAYBE (cgroup, parts_.cgroup) {
      const CgroupUsage used = (*cgroup)->usage();
      return {used.cpuNanoseconds, used.peakMemoryBytes, true};
    }
    return usageFromProc();
  }

 private:
  void taskFailed(kj::Exception&& exception) override {
    // Our own side failed: without a watch the child must not run on.
    failSetUp("host", 0, exception.getDescription());
  }

  void signalKill() {
    KJ_IF_MAYBE (cgroup, parts_.cgroup) (*cgroup)->killAll();
    // The pidfd stands for this process even when its number is used again. ESRCH: already gone.
    if (killProcess(parts_.process.get()) != 0 && errno != ESRCH) {
      KJ_FAIL_SYSCALL("pidfd_send_signal", errno, parts_.name);
    }
  }

  void failSetUp(const char* step, int error, kj::StringPtr detail) {
    causes_.setupFailed({step, error, detail.cStr()});
    if (!ended_) signalKill();
  }

  kj::Promise<void> converse() {
    while (true) {
      Received received;
      switch (receiveReport(parts_.setup.get(), received)) {
        case ReceiveResult::report:
          handle(kj::mv(received));
          break;
        case ReceiveResult::nothing:
          return setupObserver_.whenBecomesReadable().then([this]() { return converse(); });
        case ReceiveResult::end:
          return kj::READY_NOW;
      }
    }
  }

  void handle(Received received) {
    // Once locked only the failed exec of a native program is still news.
    if (isLocked_ && received.report.kind != ReportKind::failed) return;
    switch (received.report.kind) {
      case ReportKind::born:
        answerBorn();
        break;
      case ReportKind::ready:
        break;
      case ReportKind::listener:
        if (refusals_.get() == nullptr && received.descriptor.get() >= 0) {
          refusals_ = kj::heap<Refusals>(port_, kj::mv(received.descriptor));
          tasks_.add(watchRefusals());
        }
        break;
      case ReportKind::locked:
        isLocked_ = true;
        locked_.fulfiller->fulfill();
        break;
      case ReportKind::failed:
        failSetUp(received.report.step, received.report.error, received.report.detail);
        break;
    }
  }

  void answerBorn() {
    if (parts_.request.get() == nullptr) return;
    KJ_IF_MAYBE (exception, kj::runCatchingExceptions([&]() { parts_.prepare(parts_.pid); })) {
      failSetUp("user map or cgroup", 0, exception->getDescription());
      return;
    }
    const ssize_t sent = send(parts_.setup.get(), parts_.request.get(), sizeof(SetupRequest),
                              MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent != sizeof(SetupRequest)) failSetUp("request", errno, ""_kj);
    parts_.request = nullptr;
  }

  kj::Promise<void> watchRefusals() {
    return refusals_->first().then([this](kj::Maybe<Violation> violation) {
      KJ_IF_MAYBE (v, violation) {
        causes_.violation(kj::mv(*v));
        signalKill();
      }
    });
  }

  kj::Promise<void> watchProcess() {
    if (reap(false)) return kj::READY_NOW;
    return processObserver_.whenBecomesReadable().then([this]() { return watchProcess(); });
  }

  // Learns the end if there is one. True once the process is gone.
  bool reap(bool wait) {
    siginfo_t info{};
    rusage used{};
    long result;
    do {
      // The C library's waitid() does not give the resource usage.
      result = syscall(SYS_waitid, P_PIDFD, parts_.process.get(), &info,
                       WEXITED | __WALL | (wait ? 0 : WNOHANG), &used);
    } while (result != 0 && errno == EINTR);
    if (result != 0) {
      // Only if other code in this process reaped it, or ignores SIGCHLD: its status is lost.
      causes_.setupFailed({"host", errno, "the child's status was taken by somebody else"});
      conclude(CLD_KILLED, SIGKILL, used);
      return true;
    }
    if (info.si_pid == 0) return false;
    conclude(info.si_code, info.si_status, used);
    return true;
  }

  void conclude(int code, int status, const rusage& used) {
    // What it said last may not have been read yet.
    Received received;
    while (receiveReport(parts_.setup.get(), received) == ReceiveResult::report) {
      if (received.report.kind == ReportKind::failed) {
        causes_.setupFailed({received.report.step, received.report.error, received.report.detail});
      }
    }
    if (refusals_.get() != nullptr) {
      KJ_IF_MAYBE (violation, refusals_->takeNow()) causes_.violation(kj::mv(*violation));
    }
    errors_.drainNow();

    finalUsage_ = {nanoseconds(used.ru_utime) + nanoseconds(used.ru_stime),
                   static_cast<uint64_t>(used.ru_maxrss) * 1024, false};
    KJ_IF_MAYBE (cgroup, parts_.cgroup) {
      const CgroupUsage counted = (*cgroup)->usage();
      finalUsage_ = {counted.cpuNanoseconds, counted.peakMemoryBytes, true};
      if (counted.outOfMemoryKills > 0) {
        causes_.limitHit({Limit::memory, figureOf(parts_.limits, Limit::memory)});
      }
    }
    if (parts_.limits.cpuSeconds && code != CLD_EXITED && status == SIGKILL &&
        nanoseconds(used.ru_utime) + nanoseconds(used.ru_stime) >=
            uint64_t{*parts_.limits.cpuSeconds} * 1000000000 / 4 * 3) {
      // The kernel ends the first process of a pid namespace at the hard limit by SIGKILL. It
      // counts that limit in sampled ticks, the usage here precisely: on a busy machine they drift
      // apart. Every other SIGKILL has left its own, earlier cause.
      causes_.limitHit({Limit::cpuTime, figureOf(parts_.limits, Limit::cpuTime)});
    }
    if (!isLocked_ && code == CLD_EXITED && status == exitSetupFailed) {
      causes_.setupFailed({"start", 0, "it ended without a word"});
    }
    ended_ = true;
    parts_.cgroup = nullptr;

    Outcome outcome = causes_.conclude(code, status);
    if (auto* limit = std::get_if<LimitHit>(&outcome); limit != nullptr && limit->figure.empty()) {
      limit->figure = figureOf(parts_.limits, limit->which);
    }
    if (!isLocked_) {
      locked_.fulfiller->reject(KJ_EXCEPTION(DISCONNECTED, "ended before it was locked down",
                                             parts_.name, describe(outcome).c_str()));
    }
    end_.fulfiller->fulfill(kj::mv(outcome));
  }

  Usage usageFromProc() {
    Usage result;
    const auto path = kj::str("/proc/", parts_.pid);
    if (FILE* file = std::fopen(kj::str(path, "/stat").cStr(), "re")) {
      char text[1024] = {};
      const size_t got = std::fread(text, 1, sizeof(text) - 1, file);
      std::fclose(file);
      // The name may hold anything, so count fields from behind its closing parenthesis.
      const char* rest = got > 0 ? std::strrchr(text, ')') : nullptr;
      unsigned long user = 0, system = 0;
      if (rest != nullptr &&
          std::sscanf(rest + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
                      &system) == 2) {
        result.cpuNanoseconds =
            (user + system) * (1000000000ul / static_cast<unsigned long>(sysconf(_SC_CLK_TCK)));
      }
    }
    if (FILE* file = std::fopen(kj::str(path, "/status").cStr(), "re")) {
      char line[256];
      unsigned long kib = 0;
      while (std::fgets(line, sizeof(line), file) != nullptr) {
        if (std::sscanf(line, "VmHWM: %lu", &kib) == 1) result.peakMemoryBytes = kib * 1024;
      }
      std::fclose(file);
    }
    return result;
  }

  kj::UnixEventPort& port_;
  Parts parts_;
  Observer processObserver_;
  Observer setupObserver_;
  ErrorPipe errors_;
  kj::Own<Refusals> refusals_;
  CauseRecorder causes_;
  Usage finalUsage_;
  bool isLocked_ = false;
  bool ended_ = false;
  kj::PromiseFulfillerPair<Outcome> end_;
  kj::ForkedPromise<Outcome> onEnd_;
  kj::PromiseFulfillerPair<void> locked_;
  kj::ForkedPromise<void> onLocked_;
  kj::TaskSet tasks_;
};

Child::Child(kj::UnixEventPort& port, Parts parts) : impl_(kj::heap<Impl>(port, kj::mv(parts))) {}
Child::~Child() noexcept(false) {}

kj::StringPtr Child::name() const { return impl_->parts().name; }
pid_t Child::pid() const { return impl_->parts().pid; }
LayerSet Child::layers() const { return impl_->parts().layers; }
kj::AutoCloseFd Child::takeSocket() { return impl_->takeSocket(); }
kj::Promise<void> Child::onLocked() { return impl_->onLocked(); }
kj::Promise<Outcome> Child::onEnd() { return impl_->onEnd(); }
bool Child::hasEnded() const { return impl_->hasEnded(); }
void Child::kill(kj::StringPtr reason) { impl_->kill(reason); }
Usage Child::usage() { return impl_->usage(); }
std::string Child::errorText() const { return impl_->errors().tail(); }
uint64_t Child::errorBytes() const { return impl_->errors().total(); }

}  // namespace bulkhead::sandbox
