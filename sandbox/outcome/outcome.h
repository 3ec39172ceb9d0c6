#pragma once
// How a confined child ended, as a value. What a package does is never an exception.
//
// The first cause wins: a child that is killed because it made a refused call ended by Violation,
// although its wait status says "signal 9". Plain data; any thread; nothing throws.
// Texts made by describe() are safe for a terminal and a log: names come from our own tables.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace bulkhead::sandbox {

// A status that a confined program of ours leaves with when an allocation was refused. The monitor
// reports it as LimitHit{memory}. A hostile program can fake it, which only mislabels its own end.
inline constexpr int exitOutOfMemory = 120;
// Left with when a step of the set-up failed; the report over the set-up socket is the cause.
inline constexpr int exitSetupFailed = 125;

// It left by itself.
struct Exited {
  int status = 0;
  bool operator==(const Exited&) const = default;
};

// A signal ended it: its own crash, or a kill that the host asked for (see Killed below).
struct Signaled {
  int signal = 0;
  // Why the host killed it, empty when the host did not ("stopped by the operator", "stalled").
  std::string requestedBecause;
  bool operator==(const Signaled&) const = default;
};

// It made a system call that its policy refuses.
struct Violation {
  // The name as in the manual ("openat"); "unknown" when the kernel could not tell us the number.
  std::string syscall;
  // -1 when unknown.
  int nr = -1;
  std::array<uint64_t, 6> args{};
  // The call came through another architecture's entry (32-bit or x32).
  bool foreignEntry = false;
  bool operator==(const Violation&) const = default;
};

enum class Limit { memory, cpuTime, pids, openFiles, fileSize };
// "memory", "cpu time", ...
const char* limitName(Limit limit);

// It hit a limit and was ended for it.
struct LimitHit {
  Limit which = Limit::memory;
  // The limit in words people use, "64 MiB"; empty if unknown.
  std::string figure;
  bool operator==(const LimitHit&) const = default;
};

// It never ran: a layer could not be built or did not hold when tried. `step` names the layer.
struct SetupFailed {
  std::string step;
  // errno, or 0 when the layer was built and its proof failed.
  int error = 0;
  std::string detail;
  bool operator==(const SetupFailed&) const = default;
};

using Outcome = std::variant<Exited, Signaled, Violation, LimitHit, SetupFailed>;

// One line for packages.log and the table: "refused system call openat (nr 257)".
std::string describe(const Outcome& outcome);

// One word for a column: exited, signaled, violation, limit, setup.
const char* kindOf(const Outcome& outcome);

// Whether nothing is to be reported: left by itself with status 0.
bool endedWell(const Outcome& outcome);

// Reads a wait status from waitid(2): si_code and si_status.
Outcome fromWait(int code, int status);

// Collects what is learnt about an end, from several sources and in any order, and answers with the
// first cause. Sources rank by how near to the cause they are: a failed set-up step, a recorded
// violation, a limit that fired, a kill the host asked for, and last the wait status.
class CauseRecorder {
 public:
  // Only the first of each is kept.
  void setupFailed(SetupFailed cause);
  void violation(Violation cause);
  void limitHit(LimitHit cause);
  void killRequested(std::string reason);

  bool hasViolation() const { return violated_.has_value(); }
  const std::optional<SetupFailed>& setup() const { return setup_; }

  // `waitCode` and `waitStatus` as waitid(2) gives them.
  Outcome conclude(int waitCode, int waitStatus) const;

 private:
  std::optional<SetupFailed> setup_;
  std::optional<Violation> violated_;
  std::optional<LimitHit> limit_;
  std::optional<std::string> killReason_;
};

}  // namespace bulkhead::sandbox
