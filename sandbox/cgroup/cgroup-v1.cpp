// Version 1: a folder in each of several trees. A child cannot be born inside, so it is parked,
// moved into every tree and let go.

#include "sandbox/cgroup/cgroup-files.h"
#include "sandbox/cgroup/cgroup.h"
#include "sandbox/cgroup/janitor.h"

#include <kj/debug.h>

#include <cerrno>
#include <sys/stat.h>
#include <unistd.h>

namespace bulkhead::sandbox {
namespace {

constexpr uint32_t periodMicroseconds = 100000;

struct Tree {
  kj::Vector<kj::String> controllers;
  // Our own folder in it.
  kj::String directory;

  bool has(kj::StringPtr controller) const {
    for (const auto& c : controllers) {
      if (c == controller) return true;
    }
    return false;
  }
};

class CgroupV1 final : public Cgroup {
 public:
  CgroupV1(kj::ArrayPtr<const Tree> trees, Janitor& janitor, kj::StringPtr folder)
      : trees_(trees), janitor_(janitor), folder_(kj::str(folder)) {
    for (const Tree& tree : trees_) {
      auto directory = kj::str(tree.directory, '/', folder_);
      janitor_.watch(directory);
      KJ_SYSCALL(mkdir(directory.cStr(), 0755), directory);
    }
  }

  ~CgroupV1() noexcept(false) override {
    for (const Tree& tree : trees_) {
      auto directory = kj::str(tree.directory, '/', folder_);
      // What cannot be removed is left to the janitor.
      if (rmdir(directory.cStr()) == 0 || errno == ENOENT) janitor_.forget(directory);
    }
  }

  void applyLimits(const Limits& limits) override {
    if (limits.memoryBytes) {
      const auto value = kj::str(*limits.memoryBytes);
      writeSmallFile(file("memory", "memory.limit_in_bytes"), value);
      // Memory plus swap; the file is there only if the kernel accounts for swap.
      tryWriteSmallFile(file("memory", "memory.memsw.limit_in_bytes"), value);
      tryWriteSmallFile(file("memory", "memory.swappiness"), "0");
    }
    if (limits.cpuPercent) {
      writeSmallFile(file("cpu", "cpu.cfs_period_us"), kj::str(periodMicroseconds));
      writeSmallFile(file("cpu", "cpu.cfs_quota_us"),
                     kj::str(uint64_t{*limits.cpuPercent} * periodMicroseconds / 100));
    }
    if (limits.pids) writeSmallFile(file("pids", "pids.max"), kj::str(*limits.pids));
  }

  kj::Maybe<int> cloneDescriptor() override { return nullptr; }

  void admit(pid_t pid) override {
    for (const Tree& tree : trees_) {
      writeSmallFile(kj::str(tree.directory, '/', folder_, "/cgroup.procs"), kj::str(pid));
    }
    // The move is what the limits hang on, so look rather than believe.
    auto listing = KJ_ASSERT_NONNULL(readSmallFile(kj::str("/proc/", pid, "/cgroup")),
                                     "the child ended while it was moved");
    const std::string text = listing.cStr();
    size_t found = 0;
    for (size_t at = 0;
         (at = text.find(std::string("/") + folder_.cStr() + "\n", at)) != std::string::npos;
         ++at) {
      ++found;
    }
    KJ_REQUIRE(found >= trees_.size(), "the child is not in every cgroup", pid, listing);
  }

  bool killAll() override { return false; }

  CgroupUsage usage() override {
    CgroupUsage result;
    if (hasController("cpuacct"))
      result.cpuNanoseconds = numberIn(file("cpuacct", "cpuacct.usage"));
    if (hasController("memory")) {
      result.peakMemoryBytes = numberIn(file("memory", "memory.max_usage_in_bytes"));
      result.outOfMemoryKills = numberAfter(file("memory", "memory.oom_control"), "oom_kill");
    }
    if (hasController("pids")) {
      result.refusedProcesses = numberAfter(file("pids", "pids.events"), "max");
    }
    return result;
  }

 private:
  bool hasController(kj::StringPtr controller) const {
    for (const Tree& tree : trees_) {
      if (tree.has(controller)) return true;
    }
    return false;
  }

  kj::String file(kj::StringPtr controller, kj::StringPtr name) const {
    for (const Tree& tree : trees_) {
      if (tree.has(controller)) return kj::str(tree.directory, '/', folder_, '/', name);
    }
    KJ_FAIL_REQUIRE("this machine has no such cgroup controller", controller);
  }

  kj::ArrayPtr<const Tree> trees_;
  Janitor& janitor_;
  kj::String folder_;
};

class CgroupTreeV1 final : public CgroupTree {
 public:
  explicit CgroupTreeV1(kj::Vector<Tree> trees) : trees_(kj::mv(trees)) {
    kj::Vector<kj::String> names;
    for (const Tree& tree : trees_) {
      janitor_.watch(tree.directory);
      for (const auto& controller : tree.controllers) {
        names.add(kj::str(controller));
        if (controller == "memory"_kj) layers_.add(Layer::cgroupMemory);
        if (controller == "cpu"_kj) layers_.add(Layer::cgroupCpu);
        if (controller == "pids"_kj) layers_.add(Layer::cgroupPids);
      }
    }
    description_ = kj::str("cgroup v1 (", kj::strArray(names, ", "), ")");
  }

  ~CgroupTreeV1() noexcept(false) override {
    for (const Tree& tree : trees_) {
      if (rmdir(tree.directory.cStr()) == 0) janitor_.forget(tree.directory);
    }
  }

  kj::Own<Cgroup> create(kj::StringPtr name) override {
    return kj::heap<CgroupV1>(trees_.asPtr(), janitor_,
                              kj::str(next_++, '-', safeFolderName(name)));
  }
  LayerSet layers() const override { return layers_; }
  kj::StringPtr description() const override { return description_; }

 private:
  Janitor janitor_;
  kj::Vector<Tree> trees_;
  LayerSet layers_;
  kj::String description_;
  uint64_t next_ = 1;
};

}  // namespace

CgroupTreeResult openVersion1(kj::ArrayPtr<const CgroupMount> mounts) {
  kj::Vector<Tree> trees;
  kj::String reason = kj::str("no cgroup controllers are mounted");
  for (const CgroupMount& mount : mounts) {
    if (mount.isVersion2) continue;
    Tree tree;
    for (const auto& controller : mount.controllers) tree.controllers.add(kj::str(controller));
    KJ_IF_MAYBE (folder, makeOwnFolder(mount.ownDirectory)) {
      tree.directory = kj::mv(*folder);
    } else {
      const int error = errno;
      reason = kj::str("cgroup ", tree.controllers[0], ": ", strerrordesc_np(error));
      continue;
    }
    trees.add(kj::mv(tree));
  }
  if (trees.empty()) return {nullptr, kj::mv(reason)};
  return {kj::Own<CgroupTree>(kj::heap<CgroupTreeV1>(kj::mv(trees))), kj::str()};
}

}  // namespace bulkhead::sandbox
