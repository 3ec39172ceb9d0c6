#pragma once
// What every way of starting a child has in common: the connections, the cgroup, the user, the
// request, and the Child that watches it. Owned by the Launcher; same thread. Private to this room.

#include "sandbox/launch/launcher.h"
#include "sandbox/launch/plan.h"
#include "sandbox/launch/spawn.h"

#include <kj/async-unix.h>

#include <optional>

namespace bulkhead::sandbox {

class Starter {
 public:
  Starter(kj::UnixEventPort& port, Machine machine, CgroupTree* cgroups);

  const Machine& machine() const { return machine_; }
  kj::UnixEventPort& port() { return port_; }

  // Compiled at first use.
  const CompiledPolicy& policy(ProfileId id);

  struct Prepared {
    Connections connections;
    kj::Maybe<kj::Own<Cgroup>> cgroup;
    LayerSet layers;
    UserPlan user;
    kj::Own<SetupRequest> request;
    CloneRequest clone;
    bool carryCapabilities = false;
  };
  Prepared prepare(const LaunchSpec& spec, AfterSetup after);

  kj::Own<Child> adopt(kj::StringPtr name, const Limits& limits, Prepared prepared, Spawned spawned,
                       kj::Maybe<ErrorLines> onErrorLine);

  kj::Own<Child> startProgram(const LaunchSpec& spec, int program,
                              kj::Maybe<ErrorLines> onErrorLine);
  kj::Own<Child> startFork(const LaunchSpec& spec, AfterSetup after, int image, ChildMain childMain,
                           kj::Maybe<ErrorLines> onErrorLine);

 private:
  kj::UnixEventPort& port_;
  Machine machine_;
  CgroupTree* cgroups_;
  std::optional<CompiledPolicy> policies_[profileCount];
  uint32_t nextUser_ = 0;
};

}  // namespace bulkhead::sandbox
