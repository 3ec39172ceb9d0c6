// Each deed of a hostile program has exactly one end, and the control beside it has another.

#include "sandbox/launch/test-bench.h"

#include <csignal>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bulkhead::sandbox {
namespace {

class Hostile : public testing::Test {
 protected:
  TestBench bench;
};

Violation violationOf(const Outcome& outcome) {
  const auto* violation = std::get_if<Violation>(&outcome);
  return violation != nullptr ? *violation
                              : Violation{"(" + describe(outcome) + ")", -2, {}, false};
}

TEST_F(Hostile, TheControlSpeaksAndLeavesWell) {
  auto child = bench.startHostile("control");
  const auto socket = child->takeSocket();
  child->onLocked().wait(bench.io.waitScope);
  ASSERT_EQ(send(socket.get(), "a", 1, 0), 1);
  auto stream = bench.io.lowLevelProvider->wrapSocketFd(socket.get());
  char answer = 0;
  stream->read(&answer, 1).wait(bench.io.waitScope);
  EXPECT_EQ(answer, 'b');
  stream->shutdownWrite();
  EXPECT_EQ(describe(bench.endOf(*child)), "exited");
}

TEST_F(Hostile, EveryLayerOfTheMachineIsBuiltForIt) {
  auto child = bench.startHostile("control");
  child->onLocked().wait(bench.io.waitScope);
  EXPECT_EQ(child->layers(), bench.launcher->machine().layers);
}

TEST_F(Hostile, RefusedCallsAreNamed) {
  const struct {
    const char* deed;
    const char* call;
  } rows[] = {
      {"open-passwd", "openat"}, {"write-file", "creat"},    {"memory-file", "memfd_create"},
      {"socket", "socket"},      {"connect", "connect"},     {"signal-parent", "kill"},
      {"ptrace", "ptrace"},      {"mount", "mount"},         {"execve", "execve"},
      {"fork-bomb", "clone"},    {"execute-memory", "mmap"},
  };
  for (const auto& row : rows) {
    const Outcome outcome = bench.endOfHostile(row.deed);
    EXPECT_EQ(violationOf(outcome).syscall, row.call) << row.deed;
  }
}

TEST_F(Hostile, TheArgumentsOfARefusedCallAreKept) {
  const Violation violation = violationOf(bench.endOfHostile("socket"));
  EXPECT_EQ(violation.nr, SYS_socket);
  EXPECT_EQ(violation.args[0], uint64_t{AF_INET});
  EXPECT_EQ(violation.args[1], uint64_t{SOCK_STREAM});
}

// How a deed ends in a child of this test that nothing confines.
Outcome endOfUnconfined(const char* deed) {
  const std::string path = programFolder() + "/hostile-" + deed;
  const pid_t child = fork();
  if (child == 0) {
    execl(path.c_str(), path.c_str(), nullptr);
    _exit(127);
  }
  siginfo_t info{};
  KJ_SYSCALL(waitid(P_PID, static_cast<id_t>(child), &info, WEXITED));
  return fromWait(info.si_code, info.si_status);
}

TEST_F(Hostile, TheOtherEntryOfTheKernelIsRefusedAndSaid) {
  const Outcome outcome = bench.endOfHostile("other-entry");
  if (endOfUnconfined("other-entry") == Outcome(Signaled{SIGSEGV, {}})) {
    // A kernel that was built or booted without 32-bit programs has no such door.
    EXPECT_EQ(outcome, Outcome(Signaled{SIGSEGV, {}}));
    return;
  }
  const Violation violation = violationOf(outcome);
  EXPECT_EQ(violation.syscall, "open");
  EXPECT_EQ(violation.nr, 5);
  EXPECT_TRUE(violation.foreignEntry);
}

TEST_F(Hostile, TheNumbersOfX32AreRefusedAndSaid) {
#ifndef __x86_64__
  GTEST_SKIP() << "x32 is an ABI of x86-64";
#endif
  const Violation violation = violationOf(bench.endOfHostile("x32-entry"));
  EXPECT_EQ(violation.syscall, "open");
  EXPECT_EQ(violation.nr, 0x40000000 | SYS_open);
  EXPECT_TRUE(violation.foreignEntry);
}

TEST_F(Hostile, LoadingAFilterAfterTheSealIsAViolationWithoutANumber) {
  EXPECT_EQ(violationOf(bench.endOfHostile("seccomp")).nr, -1);
}

TEST_F(Hostile, ACrashIsASignal) {
  EXPECT_EQ(bench.endOfHostile("crash"), Outcome(Signaled{SIGSEGV, {}}));
}

TEST_F(Hostile, AnAbortIsASignal) {
  const Outcome outcome = bench.endOfHostile("abort");
  ASSERT_TRUE(std::holds_alternative<Signaled>(outcome)) << describe(outcome);
  // The first process of a pid namespace cannot raise a signal at itself, so abort() crashes.
  const int expected = bench.launcher->machine().has(Layer::pidNamespace) ? SIGSEGV : SIGABRT;
  EXPECT_EQ(std::get<Signaled>(outcome).signal, expected);
}

TEST_F(Hostile, AnExitStatusIsItsOwn) { EXPECT_EQ(bench.endOfHostile("exit"), Outcome(Exited{7})); }

TEST_F(Hostile, AllocatingWithoutEndHitsTheMemoryLimit) {
  Limits limits = packageDefaults();
  limits.memoryBytes = uint64_t{32} << 20;
  EXPECT_EQ(bench.endOfHostile("allocate", limits), Outcome(LimitHit{Limit::memory, "32 MiB"}));
}

TEST_F(Hostile, SpinningHitsTheCpuTimeLimit) {
  Limits limits = packageDefaults();
  limits.cpuSeconds = 1;
  EXPECT_EQ(bench.endOfHostile("spin", limits), Outcome(LimitHit{Limit::cpuTime, "1 s"}));
}

TEST_F(Hostile, ASilentOneIsEndedWithTheHostsReason) {
  auto child = bench.startHostile("silent");
  child->onLocked().wait(bench.io.waitScope);
  EXPECT_GT(child->usage().peakMemoryBytes, 0u);  // looked at while it lives
  child->kill("no answer for 10 s");
  EXPECT_EQ(bench.endOf(*child), Outcome(Signaled{SIGKILL, "no answer for 10 s"}));
}

TEST_F(Hostile, ASpinningOneIsEndedWhenItsOwnerLetsGo) {
  auto child = bench.startHostile("spin");
  child->onLocked().wait(bench.io.waitScope);
  const pid_t pid = child->pid();
  child = nullptr;
  EXPECT_NE(kill(pid, 0), 0);
}

TEST_F(Hostile, AFloodOnStderrIsDrainedBoundedAndEscaped) {
  auto child = bench.startHostile("stderr-flood");
  EXPECT_EQ(describe(bench.endOf(*child)), "exited");
  EXPECT_EQ(child->errorBytes(), 512u * 4096);
  EXPECT_LE(child->errorText().size(), 4 * keptErrorBytes);
  EXPECT_NE(child->errorText().find("\\x1b[31mred\n"), std::string::npos);
  EXPECT_EQ(child->errorText().find('\x1b'), std::string::npos);
}

// Reads what a raw speaker says, up to `most` bytes, then hangs up.
std::string heardFrom(TestBench& bench, Child& child, size_t most) {
  std::string heard(most, 0);
  auto stream = bench.io.lowLevelProvider->wrapSocketFd(
      child.takeSocket().release(), kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP);
  heard.resize(stream->tryRead(heard.data(), most, most).wait(bench.io.waitScope));
  return heard;
}

TEST_F(Hostile, TheRawSpeakersSayWhatTheyPromiseAndLeaveWhenHungUpOn) {
  const struct {
    const char* deed;
    size_t bytes;
    std::string begin;
  } rows[] = {
      {"garbage", 65536, ""},
      {"false-count", 8 + 16 * 4096, std::string("\xff\xff\xff\xff\x01\0\0\0", 8)},
      {"false-size", 8 + 4096, std::string("\0\0\0\0\xf0\xff\xff\xff", 8)},
      {"bootstrap-flood", 200000 * 40, std::string("\0\0\0\0\x04\0\0\0", 8)},
  };
  for (const auto& row : rows) {
    auto child = bench.startHostile(row.deed);
    const std::string heard = heardFrom(bench, *child, row.bytes);
    EXPECT_EQ(heard.size(), row.bytes) << row.deed;
    EXPECT_EQ(heard.substr(0, row.begin.size()), row.begin) << row.deed;
    EXPECT_EQ(describe(bench.endOf(*child)), "exited") << row.deed;
  }
}

TEST_F(Hostile, UsageIsKnownAfterTheEnd) {
  Limits limits = packageDefaults();
  limits.cpuSeconds = 1;
  auto child = bench.startHostile("spin", limits);
  bench.endOf(*child);
  const Usage usage = child->usage();
  EXPECT_GT(usage.cpuNanoseconds, 500u * 1000 * 1000);
  EXPECT_GT(usage.peakMemoryBytes, 0u);
  EXPECT_EQ(usage.fromCgroup, bench.tree != nullptr);
}

}  // namespace
}  // namespace bulkhead::sandbox
