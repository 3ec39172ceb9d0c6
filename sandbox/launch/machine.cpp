#include "sandbox/launch/machine.h"

#include "sandbox/confine/process-descriptor.h"
#include "sandbox/confine/steps.h"
#include "sandbox/launch/plan.h"
#include "sandbox/launch/spawn.h"

#include <kj/debug.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bulkhead::sandbox {
namespace {

// A set-up takes about a millisecond. A machine that needs this long cannot run anything.
constexpr int probeTimeoutMs = 10000;
// User ids that no distribution hands out.
constexpr uint32_t wantedFirstUser = 0x70000000;
constexpr uint32_t wantedUserCount = 65536;
constexpr uint32_t leastUserCount = 16;

int doNothing(int, LockdownHook&) { return 0; }

bool haveCapability(int capability) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};
  if (syscall(SYS_capget, &header, data) != 0) return false;
  return (data[capability / 32].effective >> (capability % 32) & 1) != 0;
}

struct Attempt {
  bool worked = false;
  std::string why;
};

std::string reportText(const SetupReport& report) {
  return describe(SetupFailed{report.step, report.error, report.detail});
}

// Waits for the next report, no longer than the time-out.
bool nextReport(int fd, SetupReport& report) {
  pollfd wait{fd, POLLIN, 0};
  if (poll(&wait, 1, probeTimeoutMs) != 1) return false;
  const ssize_t got = recv(fd, &report, sizeof(report), 0);
  report.step[sizeof(report.step) - 1] = report.detail[sizeof(report.detail) - 1] = 0;
  return got == sizeof(report);
}

// Builds these layers in a child that then leaves.
Attempt tryLayers(const Machine& machine, LayerSet layers) {
  Attempt attempt;
  Connections connections = Connections::make(false);
  Spawned child;
  KJ_IF_MAYBE (
      exception, kj::runCatchingExceptions([&]() {
        child = spawnFork({cloneFlags(layers), -1}, connections.childEnds(nullptr), &doNothing);
      })) {
    attempt.why = exception->getDescription().cStr();
    return attempt;
  }
  connections.setupChild = nullptr;
  Machine assumed = machine;
  assumed.layers = layers;
  const UserPlan user = planUser(assumed, Identity::separate, 0);
  CompiledPolicy policy;
  policy.profile = &profileOf(ProfileId::compartmentScript);
  LaunchSpec spec;
  spec.name = "probe"_kj;
  auto request = makeRequest(spec, policy, layers, user, AfterSetup::callMain);

  SetupReport report;
  const int setup = connections.setupHost.get();
  if (!nextReport(setup, report)) {
    attempt.why = "no answer";
  } else if (report.kind != ReportKind::born) {
    attempt.why = reportText(report);
  } else {
    KJ_IF_MAYBE (exception, kj::runCatchingExceptions([&]() { writeUserMap(child.pid, user); })) {
      attempt.why = exception->getDescription().cStr();
    } else if (send(setup, request.get(), sizeof(*request), MSG_NOSIGNAL) != sizeof(*request) ||
               !nextReport(setup, report)) {
      attempt.why = "no answer";
    } else if (report.kind == ReportKind::ready) {
      attempt.worked = true;
    } else {
      attempt.why = reportText(report);
    }
  }
  killProcess(child.process.get());
  while (waitid(P_PIDFD, static_cast<id_t>(child.process.get()), nullptr, WEXITED | __WALL) != 0 &&
         errno == EINTR) {
  }
  return attempt;
}

bool actionAvailable(uint32_t action) {
  return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

// Looks for user ids outside anyone's use within what this process's own map covers.
void findUsers(Machine& machine) {
  FILE* file = std::fopen("/proc/self/uid_map", "re");
  if (file == nullptr) return;
  unsigned long inside = 0, outside = 0, count = 0;
  while (std::fscanf(file, "%lu %lu %lu", &inside, &outside, &count) == 3) {
    if (inside <= wantedFirstUser && inside + count >= wantedFirstUser + wantedUserCount) {
      machine.firstUser = wantedFirstUser;
      machine.userCount = wantedUserCount;
    } else if (machine.userCount < wantedUserCount && count > 65536) {
      // In a container: the end of the largest piece is the least likely to be in use.
      machine.userCount = static_cast<uint32_t>(kj::min(count / 8, uint64_t{wantedUserCount}));
      machine.firstUser = static_cast<uint32_t>(inside + count - machine.userCount);
    } else if (machine.userCount == 0 && count > 1000 + leastUserCount) {
      machine.userCount = leastUserCount;
      machine.firstUser = static_cast<uint32_t>(inside + count - leastUserCount);
    }
  }
  std::fclose(file);
}

class Prober {
 public:
  Prober() {
    for (int i = 0; i < layerCount; ++i) {
      machine_.findings.push_back({static_cast<Layer>(i), false, "not tried"});
    }
  }

  Machine run(const CgroupTree* cgroups, kj::StringPtr whyNoCgroups) {
    utsname name{};
    uname(&name);
    machine_.kernel = std::string(name.sysname) + " " + name.release;
    machine_.mayChangeUser = haveCapability(CAP_SETUID) && haveCapability(CAP_SETGID);

    probeSeccomp();
    probeBase();
    probeNamespaces();
    probeLandlock();
    probeUsers();
    probeCgroups(cgroups, whyNoCgroups);
    return machine_;
  }

 private:
  void found(Layer layer, std::string detail) {
    machine_.layers.add(layer);
    machine_.findings[static_cast<size_t>(layer)] = {layer, true, std::move(detail)};
  }
  void missing(Layer layer, std::string detail) {
    machine_.findings[static_cast<size_t>(layer)] = {layer, false, std::move(detail)};
  }
  void note(Layer layer, const Attempt& attempt, std::string detail) {
    if (attempt.worked) {
      found(layer, std::move(detail));
    } else {
      missing(layer, attempt.why);
    }
  }

  void probeSeccomp() {
    if (actionAvailable(SECCOMP_RET_KILL_PROCESS)) {
      found(Layer::seccomp, "");
    } else {
      missing(Layer::seccomp, "this kernel has no seccomp filters");
    }
    if (actionAvailable(SECCOMP_RET_USER_NOTIF)) {
      found(Layer::seccompNotify, "");
    } else {
      missing(Layer::seccompNotify, "this kernel has no seccomp notifications");
    }
  }

  void probeBase() {
    for (Layer layer : {Layer::descriptors, Layer::noNewPrivs, Layer::rlimits}) {
      note(layer, tryLayers(machine_, base_ | LayerSet{layer}), "");
      if (machine_.has(layer)) base_.add(layer);
    }
    note(Layer::capabilities, tryLayers(machine_, base_ | LayerSet{Layer::capabilities}),
         haveCapability(CAP_SETPCAP) ? "" : "none to begin with");
  }

  void probeNamespaces() {
    static constexpr Layer inner[] = {Layer::emptyRoot,    Layer::pidNamespace,
                                      Layer::netNamespace, Layer::ipcNamespace,
                                      Layer::utsNamespace, Layer::cgroupNamespace};
    machine_.viaUserNamespace = true;
    const Attempt user = tryLayers(machine_, base_ | LayerSet{Layer::userNamespace});
    note(Layer::userNamespace, user, "");
    machine_.viaUserNamespace = user.worked;
    const LayerSet first = user.worked ? base_ | LayerSet{Layer::userNamespace} : base_;
    for (Layer layer : inner) {
      note(layer, tryLayers(machine_, first | LayerSet{layer}),
           user.worked ? "" : "by right of root, without a user namespace");
    }
    // Each by itself is not yet all of them together.
    const LayerSet together = machine_.layers.without({Layer::seccomp, Layer::seccompNotify});
    const Attempt all = tryLayers(machine_, together);
    if (all.worked || !machine_.has(Layer::emptyRoot)) return;
    machine_.layers.remove(Layer::emptyRoot);
    missing(Layer::emptyRoot, "only together with others: " + all.why);
  }

  void probeLandlock() {
    const int version = landlockVersion();
    const std::string text = "Landlock ABI " + std::to_string(version);
    LayerSet layers = base_ | LayerSet{Layer::landlock};
    if (version == 0) {
      const std::string why = "this kernel has no Landlock, or it is switched off";
      for (Layer l : {Layer::landlock, Layer::landlockNet, Layer::landlockScope}) missing(l, why);
      return;
    }
    note(Layer::landlock, tryLayers(machine_, layers), text);
    if (!machine_.has(Layer::landlock)) return;
    if (version >= 4) {
      note(Layer::landlockNet, tryLayers(machine_, layers | LayerSet{Layer::landlockNet}), text);
    } else {
      missing(Layer::landlockNet, text + " has no network rules (needs 4)");
    }
    if (version >= 6) {
      note(Layer::landlockScope, tryLayers(machine_, layers | LayerSet{Layer::landlockScope}),
           text);
    } else {
      missing(Layer::landlockScope, text + " has no scopes (needs 6)");
    }
  }

  void probeUsers() {
    if (!machine_.mayChangeUser) {
      missing(Layer::separateUser, "only root may run children as other users");
      return;
    }
    findUsers(machine_);
    if (machine_.userCount == 0) {
      missing(Layer::separateUser, "this process's user map has no spare users");
      return;
    }
    // The proof tries to change the user back, which a capability would allow.
    LayerSet layers = base_ | LayerSet{Layer::separateUser, Layer::capabilities};
    if (machine_.viaUserNamespace) layers.add(Layer::userNamespace);
    note(Layer::separateUser, tryLayers(machine_, layers),
         "users from " + std::to_string(machine_.firstUser));
  }

  void probeCgroups(const CgroupTree* cgroups, kj::StringPtr why) {
    for (Layer layer : {Layer::cgroupMemory, Layer::cgroupCpu, Layer::cgroupPids}) {
      if (cgroups != nullptr && cgroups->layers().has(layer)) {
        found(layer, cgroups->description().cStr());
      } else {
        missing(layer, why.size() > 0 ? why.cStr() : "no such controller");
      }
    }
  }

  Machine machine_;
  LayerSet base_;
};

}  // namespace

Machine probeMachine(const CgroupTree* cgroups, kj::StringPtr whyNoCgroups) {
  return Prober().run(cgroups, whyNoCgroups);
}

}  // namespace bulkhead::sandbox
