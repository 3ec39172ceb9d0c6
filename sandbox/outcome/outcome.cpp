#include "sandbox/outcome/outcome.h"

#include <csignal>
#include <cstdio>
#include <cstring>
#include <sys/wait.h>
#include <utility>

namespace bulkhead::sandbox {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

std::string signalName(int signal) {
  const char* name = sigabbrev_np(signal);
  return name != nullptr ? std::string("SIG") + name : "signal " + std::to_string(signal);
}

std::string errorText(int error) {
  const char* text = strerrordesc_np(error);
  return text != nullptr ? text : "error " + std::to_string(error);
}

}  // namespace

const char* limitName(Limit limit) {
  switch (limit) {
    case Limit::memory:
      return "memory";
    case Limit::cpuTime:
      return "cpu time";
    case Limit::pids:
      return "processes";
    case Limit::openFiles:
      return "open files";
    case Limit::fileSize:
      return "file size";
  }
  return "unknown";
}

std::string describe(const Outcome& outcome) {
  return std::visit(Overloaded{
                        [](const Exited& e) {
                          return e.status == 0 ? std::string("exited")
                                               : "exited with status " + std::to_string(e.status);
                        },
                        [](const Signaled& s) {
                          if (!s.requestedBecause.empty())
                            return "ended by the host: " + s.requestedBecause;
                          return "ended by " + signalName(s.signal);
                        },
                        [](const Violation& v) {
                          if (v.nr < 0)
                            return std::string("refused system call (number not known)");
                          std::string text =
                              "refused system call " + v.syscall + " (nr " + std::to_string(v.nr);
                          if (v.foreignEntry) text += ", foreign entry";
                          return text + ")";
                        },
                        [](const LimitHit& l) {
                          std::string text = std::string("limit hit: ") + limitName(l.which);
                          return l.figure.empty() ? text : text + " (" + l.figure + ")";
                        },
                        [](const SetupFailed& s) {
                          std::string text = "set-up failed at " + s.step;
                          if (s.error != 0) text += ": " + errorText(s.error);
                          if (!s.detail.empty()) text += " (" + s.detail + ")";
                          return text;
                        },
                    },
                    outcome);
}

const char* kindOf(const Outcome& outcome) {
  static constexpr const char* kinds[] = {"exited", "signaled", "violation", "limit", "setup"};
  return kinds[outcome.index()];
}

bool endedWell(const Outcome& outcome) {
  const auto* exited = std::get_if<Exited>(&outcome);
  return exited != nullptr && exited->status == 0;
}

Outcome fromWait(int code, int status) {
  if (code == CLD_EXITED) return Exited{status};
  return Signaled{status, {}};
}

void CauseRecorder::setupFailed(SetupFailed cause) {
  if (!setup_) setup_ = std::move(cause);
}
void CauseRecorder::violation(Violation cause) {
  if (!violated_) violated_ = std::move(cause);
}
void CauseRecorder::limitHit(LimitHit cause) {
  if (!limit_) limit_ = std::move(cause);
}
void CauseRecorder::killRequested(std::string reason) {
  if (!killReason_) killReason_ = std::move(reason);
}

Outcome CauseRecorder::conclude(int waitCode, int waitStatus) const {
  if (setup_) return *setup_;
  if (violated_) return *violated_;
  if (limit_) return *limit_;
  Outcome end = fromWait(waitCode, waitStatus);
  if (auto* signaled = std::get_if<Signaled>(&end)) {
    // SIGSYS comes from a filter that kills by itself; the kernel does not say for which call.
    if (signaled->signal == SIGSYS) return Violation{"unknown", -1, {}, false};
    if (signaled->signal == SIGXCPU) return LimitHit{Limit::cpuTime, {}};
    if (signaled->signal == SIGXFSZ) return LimitHit{Limit::fileSize, {}};
    if (signaled->signal == SIGKILL && killReason_) signaled->requestedBecause = *killReason_;
  } else if (auto* exited = std::get_if<Exited>(&end)) {
    if (exited->status == exitOutOfMemory) return LimitHit{Limit::memory, {}};
  }
  return end;
}

}  // namespace bulkhead::sandbox
