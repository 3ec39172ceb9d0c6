#include "sandbox/outcome/outcome.h"

#include <csignal>
#include <gtest/gtest.h>
#include <sys/wait.h>

namespace bulkhead::sandbox {
namespace {

TEST(Outcome, EveryKindHasALineForPeople) {
  EXPECT_EQ(describe(Exited{0}), "exited");
  EXPECT_EQ(describe(Exited{3}), "exited with status 3");
  EXPECT_EQ(describe(Signaled{SIGSEGV, {}}), "ended by SIGSEGV");
  EXPECT_EQ(describe(Signaled{SIGKILL, "no answer for 10 s"}),
            "ended by the host: no answer for 10 s");
  EXPECT_EQ(describe(Violation{"openat", 257, {}, false}), "refused system call openat (nr 257)");
  EXPECT_EQ(describe(Violation{}), "refused system call (number not known)");
  EXPECT_EQ(describe(LimitHit{Limit::memory, "64 MiB"}), "limit hit: memory (64 MiB)");
  EXPECT_EQ(describe(SetupFailed{"empty root", 1, {}}),
            "set-up failed at empty root: Operation not permitted");
}

TEST(Outcome, TheFirstCauseWinsOverTheWaitStatus) {
  CauseRecorder recorder;
  recorder.killRequested("refused call");
  recorder.violation({"socket", 41, {}, false});
  recorder.violation({"connect", 42, {}, false});
  const Outcome end = recorder.conclude(CLD_KILLED, SIGKILL);
  ASSERT_TRUE(std::holds_alternative<Violation>(end));
  EXPECT_EQ(std::get<Violation>(end).syscall, "socket");
}

TEST(Outcome, AFailedSetUpIsTheCauseOfItsExitStatus) {
  CauseRecorder recorder;
  recorder.setupFailed({"landlock", 95, {}});
  EXPECT_STREQ(kindOf(recorder.conclude(CLD_EXITED, exitSetupFailed)), "setup");
}

TEST(Outcome, AnOutOfMemoryKillIsALimitAndNotASignal) {
  CauseRecorder recorder;
  recorder.limitHit({Limit::memory, "64 MiB"});
  EXPECT_EQ(recorder.conclude(CLD_KILLED, SIGKILL), Outcome(LimitHit{Limit::memory, "64 MiB"}));
}

TEST(Outcome, ACrashAfterAKillRequestIsStillACrash) {
  CauseRecorder recorder;
  recorder.killRequested("stopping");
  EXPECT_EQ(recorder.conclude(CLD_KILLED, SIGSEGV), Outcome(Signaled{SIGSEGV, {}}));
  EXPECT_EQ(recorder.conclude(CLD_KILLED, SIGKILL), Outcome(Signaled{SIGKILL, "stopping"}));
}

TEST(Outcome, OnlyStatusZeroEndsWell) {
  EXPECT_TRUE(endedWell(Exited{0}));
  EXPECT_FALSE(endedWell(Exited{1}));
  EXPECT_FALSE(endedWell(Signaled{SIGKILL, {}}));
}

}  // namespace
}  // namespace bulkhead::sandbox
