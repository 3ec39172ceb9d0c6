#include "sandbox/launch/starter.h"

#include <kj/debug.h>

#include <cstdlib>
#include <unistd.h>

namespace bulkhead::sandbox {
namespace {

// Null-terminated vectors for execveat; made before the clone, because the child must not allocate.
class Vectors {
 public:
  explicit Vectors(kj::ArrayPtr<const kj::StringPtr> texts, kj::StringPtr instead = nullptr) {
    for (kj::StringPtr text : texts) copies_.add(kj::str(text));
    if (copies_.empty() && instead != nullptr) copies_.add(kj::str(instead));
  }
  void add(kj::String text) { copies_.add(kj::mv(text)); }
  char* const* get() {
    pointers_.clear();
    for (auto& copy : copies_) pointers_.add(copy.begin());
    pointers_.add(nullptr);
    return pointers_.begin();
  }

 private:
  kj::Vector<kj::String> copies_;
  kj::Vector<char*> pointers_;
};

}  // namespace

Starter::Starter(kj::UnixEventPort& port, Machine machine, CgroupTree* cgroups)
    : port_(port), machine_(kj::mv(machine)), cgroups_(cgroups) {
  const std::string why = whyNothingCanRun(machine_.layers);
  if (!why.empty()) {
    // A person reads it: KJ_REQUIRE would put its own words and the variable's name around it.
    kj::throwFatalException({kj::Exception::Type::FAILED, __FILE__, __LINE__,
                             kj::str("packages cannot be run on this machine: ", why.c_str(),
                                     " (bulkhead doctor says more)")});
  }
  // Other hosts on this machine begin elsewhere.
  if (machine_.userCount > 0) {
    nextUser_ = static_cast<uint32_t>(getpid()) * 64 % machine_.userCount;
  }
}

const CompiledPolicy& Starter::policy(ProfileId id) {
  auto& slot = policies_[static_cast<size_t>(id)];
  if (!slot) {
    CompileOptions options;
    options.pidNamespace = machine_.has(Layer::pidNamespace);
    slot = compilePolicy(profileOf(id), options);
  }
  return *slot;
}

Starter::Prepared Starter::prepare(const LaunchSpec& spec, AfterSetup after) {
  Prepared result;
  const bool isZygote = spec.profile == ProfileId::zygote;
  result.connections = Connections::make(isZygote);
  result.layers = planLayers(machine_, spec.profile, spec.identity);
  if (!isZygote) {
    result.user = planUser(machine_, spec.identity, nextUser_++);
    if (cgroups_ != nullptr) {
      auto cgroup = cgroups_->create(spec.name);
      cgroup->applyLimits(spec.limits);
      KJ_IF_MAYBE (fd, cgroup->cloneDescriptor()) result.clone.cgroup = *fd;
      result.cgroup = kj::mv(cgroup);
    }
  }
  result.clone.flags = cloneFlags(result.layers);
  // Only a new user namespace gives rights that an exec would lose; root keeps its own.
  result.carryCapabilities = result.user.mapped;
  result.request = makeRequest(spec, policy(spec.profile), result.layers, result.user, after);
  return result;
}

kj::Own<Child> Starter::adopt(kj::StringPtr name, const Limits& limits, Prepared prepared,
                              Spawned spawned, kj::Maybe<ErrorLines> onErrorLine) {
  Child::Parts parts;
  parts.name = kj::str(name);
  parts.pid = spawned.pid;
  parts.process = kj::mv(spawned.process);
  parts.setup = kj::mv(prepared.connections.setupHost);
  parts.errors = kj::mv(prepared.connections.errorsHost);
  parts.socket = kj::mv(prepared.connections.socketHost);
  parts.request = kj::mv(prepared.request);
  parts.limits = limits;
  parts.layers = prepared.layers;
  parts.onErrorLine = kj::mv(onErrorLine);
  Cgroup* cgroup = nullptr;
  KJ_IF_MAYBE (own, prepared.cgroup) cgroup = own->get();
  parts.cgroup = kj::mv(prepared.cgroup);
  parts.prepare = [cgroup, user = prepared.user](pid_t pid) {
    writeUserMap(pid, user);
    if (cgroup != nullptr) cgroup->admit(pid);
  };
  return kj::heap<Child>(port_, kj::mv(parts));
}

kj::Own<Child> Starter::startProgram(const LaunchSpec& spec, int program,
                                     kj::Maybe<ErrorLines> onErrorLine) {
  Prepared prepared = prepare(spec, AfterSetup::callMain);
  Vectors arguments(spec.arguments, spec.name);
  Vectors environment(spec.environment);
#ifdef BULKHEAD_SANITIZED
  for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS"}) {
    if (const char* value = std::getenv(name)) environment.add(kj::str(name, '=', value));
  }
#endif
  Spawned spawned =
      spawnProgram(prepared.clone, prepared.connections.childEnds(spec.extraDescriptors), program,
                   arguments.get(), environment.get(), prepared.carryCapabilities);
  return adopt(spec.name, spec.limits, kj::mv(prepared), kj::mv(spawned), kj::mv(onErrorLine));
}

kj::Own<Child> Starter::startFork(const LaunchSpec& spec, AfterSetup after, int image,
                                  ChildMain childMain, kj::Maybe<ErrorLines> onErrorLine) {
  Prepared prepared = prepare(spec, after);
  ChildDescriptors descriptors = prepared.connections.childEnds(spec.extraDescriptors);
  descriptors.image = image;
  Spawned spawned = spawnFork(prepared.clone, descriptors, childMain);
  return adopt(spec.name, spec.limits, kj::mv(prepared), kj::mv(spawned), kj::mv(onErrorLine));
}

}  // namespace bulkhead::sandbox
