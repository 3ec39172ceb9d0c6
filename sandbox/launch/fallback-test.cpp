// What a machine lacks is left out on purpose and nothing else is: the same deeds end the same way
// on machines that are made poorer here.

#include "sandbox/launch/test-bench.h"

#include <csignal>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace bulkhead::sandbox {
namespace {

constexpr LayerSet namespaceLayers = {
    Layer::userNamespace, Layer::emptyRoot,    Layer::pidNamespace,   Layer::netNamespace,
    Layer::ipcNamespace,  Layer::utsNamespace, Layer::cgroupNamespace};

class Fallback : public testing::Test {
 protected:
  // Takes layers away as if the machine had never had them.
  void withoutLayers(LayerSet missing) {
    Machine machine = bench.launcher->machine();
    machine.layers = machine.layers.without(missing);
    if (missing.has(Layer::userNamespace)) machine.viaUserNamespace = false;
    CgroupTree* tree = missing.has(Layer::cgroupMemory) ? nullptr : bench.tree;
    bench.launcher = kj::heap<Launcher>(bench.io.unixEventPort, machine, tree);
  }

  std::string endOf(const char* deed) { return describe(bench.endOfHostile(deed)); }

  void expectTheUsualEnds() {
    EXPECT_EQ(endOf("open-passwd"), "refused system call openat (nr 257)");
    EXPECT_EQ(endOf("signal-parent"), "refused system call kill (nr 62)");
    EXPECT_EQ(endOf("crash"), "ended by SIGSEGV");
    EXPECT_EQ(endOf("exit"), "exited with status 7");  // the control: it runs at all
  }

  TestBench bench;
};

TEST_F(Fallback, WithoutNamespacesLandlockHidesTheFiles) {
  if (!bench.launcher->machine().has(Layer::landlock)) GTEST_SKIP() << "no Landlock here";
  withoutLayers(namespaceLayers);
  expectTheUsualEnds();
}

TEST_F(Fallback, WithoutUserNamespacesRootMakesTheOthersByItself) {
  if (!bench.launcher->machine().mayChangeUser) GTEST_SKIP() << "only as root";
  withoutLayers({Layer::userNamespace});
  expectTheUsualEnds();
}

TEST_F(Fallback, WithoutLandlockTheEmptyRootHidesTheFiles) {
  if (!bench.launcher->machine().has(Layer::emptyRoot)) GTEST_SKIP() << "no mount namespace here";
  withoutLayers({Layer::landlock, Layer::landlockNet, Layer::landlockScope});
  expectTheUsualEnds();
}

TEST_F(Fallback, WithoutEitherNothingIsStartedAndAPersonIsToldWhy) {
  try {
    withoutLayers({Layer::emptyRoot, Layer::landlock, Layer::landlockNet, Layer::landlockScope});
    FAIL() << "a launcher that hides no file";
  } catch (const kj::Exception& exception) {
    EXPECT_STREQ(exception.getDescription().cStr(),
                 "packages cannot be run on this machine: neither an empty root nor Landlock can "
                 "hide the file system (bulkhead doctor says more)");
  }
}

TEST_F(Fallback, WithoutAPidNamespaceAnAbortIsStillAnEnd) {
  if (!bench.launcher->machine().has(Layer::landlock)) GTEST_SKIP() << "no Landlock here";
  withoutLayers(namespaceLayers);
  // The signal is refused, so abort() falls through to its crash.
  EXPECT_EQ(endOf("abort"), "ended by SIGSEGV");
}

TEST_F(Fallback, WithoutCgroupsTheAddressSpaceIsTheMemoryLimit) {
#ifdef BULKHEAD_SANITIZED
  GTEST_SKIP() << "sanitizers need the address space";
#endif
  withoutLayers({Layer::cgroupMemory, Layer::cgroupCpu, Layer::cgroupPids});
  Limits limits = packageDefaults();
  limits.memoryBytes = uint64_t{32} << 20;
  EXPECT_EQ(bench.endOfHostile("allocate", limits), Outcome(LimitHit{Limit::memory, "32 MiB"}));
}

TEST_F(Fallback, NothingIsLaunchedWhenTheFilesCannotBeHidden) {
  EXPECT_THROW(withoutLayers({Layer::emptyRoot, Layer::landlock}), kj::Exception);
}

TEST_F(Fallback, NothingIsLaunchedWithoutSeccomp) {
  EXPECT_THROW(withoutLayers({Layer::seccomp}), kj::Exception);
}

TEST_F(Fallback, ALayerThatDoesNotHoldEndsTheChildWithItsName) {
  // No descriptor beyond the standard ones: the proof's control cannot succeed.
  Limits limits = packageDefaults();
  limits.openFiles = 2;
  const Outcome outcome = bench.endOfHostile("control", limits);
  ASSERT_TRUE(std::holds_alternative<SetupFailed>(outcome)) << describe(outcome);
  EXPECT_EQ(std::get<SetupFailed>(outcome).step, "rlimits");
  EXPECT_EQ(std::get<SetupFailed>(outcome).detail, "control: a descriptor within the limit");
}

TEST_F(Fallback, AUserThatIsNotMappedEndsTheChildWithTheStep) {
  if (!bench.launcher->machine().mayChangeUser) GTEST_SKIP() << "only root maps other users";
  Machine machine = bench.launcher->machine();
  if (!machine.has(Layer::userNamespace)) GTEST_SKIP() << "no user namespaces here";
  machine.firstUser = ~0u;  // never a user
  machine.userCount = 1;
  bench.launcher = kj::heap<Launcher>(bench.io.unixEventPort, machine, bench.tree);
  const Outcome outcome = bench.endOfHostile("control");
  ASSERT_TRUE(std::holds_alternative<SetupFailed>(outcome)) << describe(outcome);
  EXPECT_EQ(std::get<SetupFailed>(outcome).step, "user map or cgroup");
}

}  // namespace
}  // namespace bulkhead::sandbox
