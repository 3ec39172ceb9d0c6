#pragma once
// What the tests of this room share: an event loop, the machine, a launcher, and the programs of
// sandbox/testcases/. For tests only.

#include "sandbox/cgroup/cgroup.h"
#include "sandbox/launch/launcher.h"

#include <kj/async-io.h>
#include <kj/debug.h>
#include <kj/timer.h>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>

namespace bulkhead::sandbox {

// The folder of the test program, where the testcases are too.
inline std::string programFolder() {
  char path[4096] = {};
  const ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
  std::string text(path, length > 0 ? static_cast<size_t>(length) : 0);
  return text.substr(0, text.rfind('/'));
}

inline kj::AutoCloseFd openProgram(const char* name) {
  const std::string path = programFolder() + "/" + name;
  int fd;
  KJ_SYSCALL(fd = open(path.c_str(), O_RDONLY | O_CLOEXEC), path.c_str());
  return kj::AutoCloseFd(fd);
}

struct TestBench {
  kj::AsyncIoContext io = kj::setupAsyncIo();
  CgroupTreeResult cgroups = openCgroupTree();
  CgroupTree* tree = nullptr;
  kj::Own<Launcher> launcher;

  ~TestBench() noexcept {}  // fixtures may not throw when they end
  TestBench() {
    KJ_IF_MAYBE (found, cgroups.tree) tree = found->get();
    launcher = kj::heap<Launcher>(io.unixEventPort, probeMachine(tree, cgroups.reason), tree);
  }

  kj::Own<Child> startHostile(const char* deed, Limits limits = packageDefaults()) {
    const std::string name = std::string("hostile-") + deed;
    const auto image = sealImage(openProgram(name.c_str()), name.c_str());
    LaunchSpec spec;
    spec.name = name.c_str();
    spec.profile = ProfileId::compartmentNative;
    spec.limits = limits;
    return launcher->launchImage(spec, image);
  }

  // Nothing here takes longer than moments; a child that hangs must not hang the tests.
  Outcome endOf(Child& child) {
    auto late = io.provider->getTimer().afterDelay(20 * kj::SECONDS).then([&]() {
      child.kill("the test waited too long");
      return child.onEnd();
    });
    return child.onEnd().exclusiveJoin(kj::mv(late)).wait(io.waitScope);
  }

  Outcome endOfHostile(const char* deed, Limits limits = packageDefaults()) {
    auto child = startHostile(deed, limits);
    Outcome outcome = endOf(*child);
    return outcome;
  }
};

}  // namespace bulkhead::sandbox
