#pragma once
// One cgroup per confined child: hard limits on memory, CPU and processes, and what it used.
//
// Host side only; confined to one thread. Version 2 where the machine mounts it with controllers,
// else version 1 (memory, cpu, cpuacct, pids), else none, which the caller must say aloud.
// Errors: kj::Exception when the kernel refuses something that the tree said it had.
// A janitor process removes the cgroups if this process is killed before it can.

#include "sandbox/limits/limits.h"
#include "sandbox/policy/layers.h"

#include <kj/common.h>
#include <kj/memory.h>
#include <kj/string.h>

#include <cstdint>
#include <sys/types.h>

namespace bulkhead::sandbox {

struct CgroupUsage {
  uint64_t cpuNanoseconds = 0;
  uint64_t peakMemoryBytes = 0;
  // Times that the kernel ended a process here because the memory limit was reached.
  uint64_t outOfMemoryKills = 0;
  // Times that a new process was refused.
  uint64_t refusedProcesses = 0;
};

// Owns its directories; the destructor removes them. By then no process may be left in it.
class Cgroup {
 public:
  virtual ~Cgroup() noexcept(false) {}

  virtual void applyLimits(const Limits& limits) = 0;
  // For CLONE_INTO_CGROUP; empty on version 1, where admit() is needed.
  virtual kj::Maybe<int> cloneDescriptor() = 0;
  // Moves a process in, in every controller, and verifies that it is there.
  virtual void admit(pid_t pid) = 0;
  // Ends every process in it at once. False if the kernel has no such file.
  virtual bool killAll() = 0;
  virtual CgroupUsage usage() = 0;
};

// Owns the folder that this process's cgroups are in; outlives them.
class CgroupTree {
 public:
  virtual ~CgroupTree() noexcept(false) {}

  virtual kj::Own<Cgroup> create(kj::StringPtr name) = 0;
  // Which of the cgroup layers it can enforce.
  virtual LayerSet layers() const = 0;
  // "cgroup v1 (memory, cpu, pids)".
  virtual kj::StringPtr description() const = 0;
};

struct CgroupTreeResult {
  kj::Maybe<kj::Own<CgroupTree>> tree;
  // Why there is none, for people.
  kj::String reason;
};

// Looks at what the machine has and makes a folder of our own beneath the own cgroup. Starts the
// janitor: call it early, while this process is small.
CgroupTreeResult openCgroupTree();

}  // namespace bulkhead::sandbox
