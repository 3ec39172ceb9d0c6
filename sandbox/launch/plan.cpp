#include "sandbox/launch/plan.h"

#include <kj/debug.h>
#include <kj/io.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

namespace bulkhead::sandbox {
namespace {

void copyText(char* to, size_t size, kj::StringPtr text) {
  const size_t length = kj::min(text.size(), size - 1);
  std::memcpy(to, text.begin(), length);
  to[length] = 0;
}

void copyProgram(FilterProgram& to, const FilterCode& from) {
  KJ_REQUIRE(from.size() <= maxFilterInstructions, "filter too long");
  to.length = static_cast<uint16_t>(from.size());
  std::copy(from.begin(), from.end(), to.code);
}

void writeMap(pid_t pid, const char* file, kj::StringPtr text) {
  const auto path = kj::str("/proc/", pid, '/', file);
  const kj::AutoCloseFd fd(open(path.cStr(), O_WRONLY | O_CLOEXEC));
  if (fd.get() < 0 || write(fd.get(), text.begin(), text.size()) < 0) {
    const int error = errno;
    KJ_FAIL_SYSCALL(file, error, text);
  }
}

}  // namespace

UserPlan planUser(const Machine& machine, Identity identity, uint32_t slot) {
  UserPlan plan;
  const bool separate = identity == Identity::separate && machine.has(Layer::separateUser);
  plan.outerUser = geteuid();
  plan.outerGroup = getegid();
  if (separate) {
    plan.outerUser = plan.outerGroup = machine.firstUser + slot % machine.userCount;
  }
  plan.mapped = machine.viaUserNamespace && machine.has(Layer::userNamespace);
  plan.switched = plan.mapped || separate;
  plan.inner = plan.mapped ? innerUser : plan.outerUser;
  plan.dropGroups = plan.switched && machine.mayChangeUser;
  return plan;
}

uint64_t cloneFlags(LayerSet layers) {
  static constexpr struct {
    Layer layer;
    uint64_t flag;
  } rows[] = {
      {Layer::userNamespace, CLONE_NEWUSER},     {Layer::emptyRoot, CLONE_NEWNS},
      {Layer::pidNamespace, CLONE_NEWPID},       {Layer::netNamespace, CLONE_NEWNET},
      {Layer::ipcNamespace, CLONE_NEWIPC},       {Layer::utsNamespace, CLONE_NEWUTS},
      {Layer::cgroupNamespace, CLONE_NEWCGROUP},
  };
  uint64_t flags = 0;
  for (const auto& row : rows) {
    if (layers.has(row.layer)) flags |= row.flag;
  }
  return flags;
}

LayerSet planLayers(const Machine& machine, ProfileId profile, Identity identity) {
  LayerSet layers = machine.layers;
  if (profile == ProfileId::zygote) {
    // Its children need to mount, which Landlock forbids, and to be seen by the host, which a pid
    // namespace of its own would forbid.
    layers =
        layers & LayerSet{Layer::seccomp, Layer::noNewPrivs, Layer::descriptors, Layer::rlimits};
    // Without user namespaces its children get their namespaces by right of root.
    if (machine.viaUserNamespace || !machine.mayChangeUser) layers.add(Layer::capabilities);
  }
  if (identity == Identity::host) layers.remove(Layer::separateUser);
  return layers;
}

kj::Own<SetupRequest> makeRequest(const LaunchSpec& spec, const CompiledPolicy& policy,
                                  LayerSet layers, const UserPlan& user, AfterSetup after) {
  auto request = kj::heap<SetupRequest>();
  request->layers = layers.bits();
  request->after = after;
  request->switchUser = user.switched;
  request->dropGroups = user.dropGroups;
  request->user = request->group = user.inner;
  if (!user.mapped) request->group = user.outerGroup;
  request->hostPid = getpid();
  KJ_REQUIRE(spec.extraDescriptors.size() <= maxExtraDescriptors, "too many descriptors");
  request->extraCount = static_cast<int32_t>(spec.extraDescriptors.size());
  copyText(request->name, sizeof(request->name), spec.name);

  KJ_IF_MAYBE (directory, spec.directory) {
    KJ_REQUIRE(directory->index >= 0 && directory->index < request->extraCount,
               "the directory is not among the descriptors");
    request->directoryIndex = directory->index;
    const int fd = spec.extraDescriptors[static_cast<size_t>(directory->index)];
    ssize_t length;
    KJ_SYSCALL(length = readlink(kj::str("/proc/self/fd/", fd).cStr(), request->directoryPath,
                                 sizeof(request->directoryPath) - 1));
    request->directoryPath[length] = 0;
  }

  if (policy.profile->id == ProfileId::zygote) {
    // Hard limits are inherited and cannot be raised again, so the zygote has almost none.
    request->limits[0] = {RLIMIT_CORE, 0};
    request->limitCount = 1;
  } else {
    const MemoryFence fence =
        layers.has(Layer::cgroupMemory) ? MemoryFence::byCgroup : MemoryFence::byAddressSpaceOnly;
    for (const ResourceLimit& limit : resourceLimits(spec.limits, fence)) {
      KJ_ASSERT(request->limitCount < maxLimits);
      request->limits[request->limitCount++] = {limit.resource, limit.value};
    }
  }
  copyProgram(request->startup, policy.startup);
  copyProgram(request->lockdown, policy.lockdown);
  copyProgram(request->seal, policy.seal);
  return request;
}

void writeUserMap(pid_t pid, const UserPlan& user) {
  if (!user.mapped) return;
  // An ordinary user must first give up setgroups(2) for the child.
  if (!user.dropGroups) writeMap(pid, "setgroups", "deny");
  writeMap(pid, "gid_map", kj::str(user.inner, ' ', user.outerGroup, " 1\n"));
  writeMap(pid, "uid_map", kj::str(user.inner, ' ', user.outerUser, " 1\n"));
}

}  // namespace bulkhead::sandbox
