// Version 2: one tree. A child is born inside (CLONE_INTO_CGROUP) and the whole folder can be
// killed at once.

#include "sandbox/cgroup/cgroup-files.h"
#include "sandbox/cgroup/cgroup.h"
#include "sandbox/cgroup/janitor.h"

#include <kj/debug.h>
#include <kj/io.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace bulkhead::sandbox {
namespace {

constexpr uint32_t periodMicroseconds = 100000;

class CgroupV2 final : public Cgroup {
 public:
  CgroupV2(Janitor& janitor, kj::String directory)
      : janitor_(janitor), directory_(kj::mv(directory)) {
    janitor_.watch(directory_);
    KJ_SYSCALL(mkdir(directory_.cStr(), 0755), directory_);
    int fd;
    KJ_SYSCALL(fd = open(directory_.cStr(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), directory_);
    descriptor_ = kj::AutoCloseFd(fd);
  }

  ~CgroupV2() noexcept(false) override {
    if (rmdir(directory_.cStr()) == 0 || errno == ENOENT) janitor_.forget(directory_);
  }

  void applyLimits(const Limits& limits) override {
    if (limits.memoryBytes) {
      writeSmallFile(file("memory.max"), kj::str(*limits.memoryBytes));
      tryWriteSmallFile(file("memory.swap.max"), "0");
      tryWriteSmallFile(file("memory.oom.group"), "1");
    }
    if (limits.cpuPercent) {
      writeSmallFile(file("cpu.max"),
                     kj::str(uint64_t{*limits.cpuPercent} * periodMicroseconds / 100, ' ',
                             periodMicroseconds));
    }
    if (limits.pids) writeSmallFile(file("pids.max"), kj::str(*limits.pids));
  }

  kj::Maybe<int> cloneDescriptor() override { return descriptor_.get(); }

  // A child that was born inside is only looked for.
  void admit(pid_t pid) override {
    auto listing = KJ_ASSERT_NONNULL(readSmallFile(kj::str("/proc/", pid, "/cgroup")),
                                     "the child ended while it was looked for");
    const char* slash = std::strrchr(directory_.cStr(), '/');
    KJ_REQUIRE(std::strstr(listing.cStr(), kj::str(slash, '\n').cStr()) != nullptr,
               "the child is not in its cgroup", pid, listing);
  }

  bool killAll() override { return tryWriteSmallFile(file("cgroup.kill"), "1"); }

  CgroupUsage usage() override {
    CgroupUsage result;
    result.cpuNanoseconds = 1000 * numberAfter(file("cpu.stat"), "usage_usec");
    // Before kernel 5.19 there is no peak; then the largest value that was looked at counts.
    peak_ = std::max(peak_, numberIn(file("memory.current")));
    result.peakMemoryBytes = std::max(peak_, numberIn(file("memory.peak")));
    result.outOfMemoryKills = numberAfter(file("memory.events"), "oom_kill");
    result.refusedProcesses = numberAfter(file("pids.events"), "max");
    return result;
  }

 private:
  kj::String file(kj::StringPtr name) const { return kj::str(directory_, '/', name); }

  Janitor& janitor_;
  kj::String directory_;
  kj::AutoCloseFd descriptor_;
  uint64_t peak_ = 0;
};

class CgroupTreeV2 final : public CgroupTree {
 public:
  CgroupTreeV2(kj::String directory, LayerSet layers)
      : directory_(kj::mv(directory)), layers_(layers) {
    janitor_.watch(directory_);
    description_ = kj::str("cgroup v2 (", layers_.text().c_str(), ")");
  }
  ~CgroupTreeV2() noexcept(false) override {
    if (rmdir(directory_.cStr()) == 0) janitor_.forget(directory_);
  }

  kj::Own<Cgroup> create(kj::StringPtr name) override {
    return kj::heap<CgroupV2>(janitor_,
                              kj::str(directory_, '/', next_++, '-', safeFolderName(name)));
  }
  LayerSet layers() const override { return layers_; }
  kj::StringPtr description() const override { return description_; }

 private:
  Janitor janitor_;
  kj::String directory_;
  LayerSet layers_;
  kj::String description_;
  uint64_t next_ = 1;
};

bool lists(kj::StringPtr path, const char* word) {
  KJ_IF_MAYBE (text, readSmallFile(path)) {
    std::stringstream stream(text->cStr());
    for (std::string one; stream >> one;) {
      if (one == word) return true;
    }
  }
  return false;
}

// Controllers that children of `directory` get, after asking for those that they could get.
LayerSet passOnControllers(kj::StringPtr directory) {
  LayerSet result;
  const struct {
    const char* controller;
    Layer layer;
  } rows[] = {
      {"memory", Layer::cgroupMemory}, {"cpu", Layer::cgroupCpu}, {"pids", Layer::cgroupPids}};
  for (const auto& row : rows) {
    const auto file = kj::str(directory, "/cgroup.subtree_control");
    if (!lists(file, row.controller)) tryWriteSmallFile(file, kj::str('+', row.controller));
    if (lists(file, row.controller)) result.add(row.layer);
  }
  return result;
}

kj::Maybe<kj::Own<CgroupTree>> openBeneath(kj::StringPtr parent) {
  // A cgroup with processes of its own cannot pass controllers on (the root of the tree can), so
  // this fails for most parents, and the next candidate is tried.
  if (passOnControllers(parent).empty()) return nullptr;
  kj::String directory;
  KJ_IF_MAYBE (folder, makeOwnFolder(parent)) {
    directory = kj::mv(*folder);
  } else {
    return nullptr;
  }
  const LayerSet layers = passOnControllers(directory);
  if (layers.empty()) {
    rmdir(directory.cStr());
    return nullptr;
  }
  return kj::Own<CgroupTree>(kj::heap<CgroupTreeV2>(kj::mv(directory), layers));
}

}  // namespace

CgroupTreeResult openVersion2(const CgroupMount& mount) {
  if (!lists(kj::str(mount.ownDirectory, "/cgroup.controllers"), "memory") &&
      !lists(kj::str(mount.mountPoint, "/cgroup.controllers"), "memory")) {
    return {nullptr, kj::str("cgroup v2 is mounted without the memory controller")};
  }
  KJ_IF_MAYBE (tree, openBeneath(mount.ownDirectory)) return {kj::mv(*tree), kj::str()};
  // A service that was given its own part of the tree (Delegate=yes) stands in it alone: it steps
  // aside into a folder, which frees the part for children.
  const auto aside = kj::str(mount.ownDirectory, "/host");
  if (mount.ownDirectory != mount.mountPoint && mkdir(aside.cStr(), 0755) == 0) {
    if (tryWriteSmallFile(kj::str(aside, "/cgroup.procs"), kj::str(getpid()))) {
      KJ_IF_MAYBE (tree, openBeneath(mount.ownDirectory)) return {kj::mv(*tree), kj::str()};
      tryWriteSmallFile(kj::str(mount.ownDirectory, "/cgroup.procs"), kj::str(getpid()));
    }
    rmdir(aside.cStr());
  }
  // Beside our own cgroup: the folder above has no processes and passes its controllers on.
  if (mount.ownDirectory != mount.mountPoint) {
    const char* begin = mount.ownDirectory.cStr();
    const char* slash = std::strrchr(begin, '/');
    const auto parent = kj::heapString(begin, static_cast<size_t>(slash - begin));
    KJ_IF_MAYBE (tree, openBeneath(parent)) return {kj::mv(*tree), kj::str()};
  }
  return {nullptr, kj::str("cgroup v2: this process may not make cgroups here")};
}

}  // namespace bulkhead::sandbox
