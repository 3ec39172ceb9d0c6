#include "sandbox/policy/filter.h"

#include "sandbox/policy/child-descriptors.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <memory>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <system_error>
#include <unistd.h>

namespace bulkhead::sandbox {
namespace {

struct ContextRelease {
  void operator()(void* context) const { seccomp_release(context); }
};
using Context = std::unique_ptr<void, ContextRelease>;

struct FdCloser {
  int fd;
  ~FdCloser() { ::close(fd); }
};

// libseccomp answers with a negative errno.
void require(int result, const std::string& what) {
  if (result < 0) throw std::system_error(-result, std::generic_category(), "seccomp: " + what);
}

bool applies(const Group& group, const CompileOptions& options) {
  switch (group.onlyIf) {
    case OnlyIf::always:
      return true;
    case OnlyIf::pidNamespace:
      return options.pidNamespace;
    case OnlyIf::sanitized:
      return options.sanitized;
  }
  return false;
}

void addRule(scmp_filter_ctx context, const Rule& rule) {
  const int nr = seccomp_syscall_resolve_name(rule.syscall);
  if (nr == __NR_SCMP_ERROR) {
    throw std::system_error(EINVAL, std::generic_category(),
                            std::string("no such system call: ") + rule.syscall);
  }
  // A call that this architecture lacks cannot be made, so there is nothing to allow.
  if (nr < 0) return;
  std::vector<scmp_arg_cmp> conditions;
  for (const ArgumentRule& when : rule.when) {
    scmp_arg_cmp condition{};
    condition.arg = when.argument;
    if (when.test == ArgumentTest::equals) {
      condition.op = SCMP_CMP_EQ;
      condition.datum_a = when.value;
    } else {
      condition.op = SCMP_CMP_MASKED_EQ;
      condition.datum_a = when.mask;
      condition.datum_b = when.value;
    }
    conditions.push_back(condition);
  }
  const uint32_t action = rule.verdict.error == 0
                              ? SCMP_ACT_ALLOW
                              : SCMP_ACT_ERRNO(static_cast<uint16_t>(rule.verdict.error));
  const int added = seccomp_rule_add_array(
      context, action, nr, static_cast<unsigned>(conditions.size()), conditions.data());
  // Two groups may list the same call with the same condition.
  if (added == -EEXIST) return;
  require(added, std::string("rule for ") + rule.syscall);
}

FilterCode exportCode(scmp_filter_ctx context) {
  const int fd = memfd_create("bulkhead-filter", MFD_CLOEXEC);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "memfd_create");
  const FdCloser closer{fd};
  require(seccomp_export_bpf(context, fd), "export");
  const off_t size = lseek(fd, 0, SEEK_END);
  FilterCode code(static_cast<size_t>(size) / sizeof(sock_filter));
  const ssize_t got = pread(fd, code.data(), code.size() * sizeof(sock_filter), 0);
  if (got != size || code.size() > maxFilterInstructions) {
    throw std::system_error(E2BIG, std::generic_category(), "seccomp: filter does not fit");
  }
  return code;
}

FilterCode compileStage(std::span<const Group* const> stage, const CompileOptions& options) {
  if (stage.empty()) return {};
  Context context(seccomp_init(SCMP_ACT_NOTIFY));
  if (context == nullptr) {
    throw std::system_error(ENOSYS, std::generic_category(), "seccomp: no notifications");
  }
  // A 32-bit or x32 entry is notified as well: the host names it and ends the child.
  require(seccomp_attr_set(context.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_NOTIFY), "bad arch");
  require(seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2), "optimize");
  bool signalsListed = false, signalsForSanitizer = false;
  for (const Group* group : stage) {
    if (group->onlyIf == OnlyIf::pidNamespace) signalsListed = true;
    if (group->onlyIf == OnlyIf::sanitized) signalsForSanitizer = options.sanitized;
  }
  // An unconditional rule must not be shadowed by a conditional one of another group: libseccomp
  // keeps the first of two that differ only in that. So the unconditional ones go in first.
  for (const bool conditional : {false, true}) {
    for (const Group* group : stage) {
      if (!applies(*group, options)) continue;
      for (const Rule& rule : group->rules) {
        if (rule.when.empty() != conditional) addRule(context.get(), rule);
      }
    }
  }
  if (signalsListed && !options.pidNamespace && !signalsForSanitizer) {
    addRule(context.get(),
            {"tgkill", "no pid namespace: a signal could reach others", {}, failsWith(EPERM)});
  }
  return exportCode(context.get());
}

// Written by hand: four comparisons, and it must not notify (the newest notifier would win).
FilterCode makeSeal(const Profile& profile, const CompileOptions& options) {
  constexpr uint32_t kill = SECCOMP_RET_KILL_PROCESS;
  constexpr uint32_t allow = SECCOMP_RET_ALLOW;
  // Refused, and said to have worked: libraries that close in a destructor take an error for a
  // broken invariant. The kernel closes everything when the process ends.
  // (The sanitizers open and close pipes to look at memory.)
  const uint32_t refuseClose =
      profile.mayClose || options.sanitized ? allow : uint32_t{SECCOMP_RET_ERRNO | 0};
  const auto load = [](size_t offset) {
    return sock_filter{BPF_LD | BPF_W | BPF_ABS, 0, 0, static_cast<uint32_t>(offset)};
  };
  const auto ifEqual = [](uint32_t value, uint8_t yes, uint8_t no) {
    return sock_filter{BPF_JMP | BPF_JEQ | BPF_K, yes, no, value};
  };
  const auto answer = [](uint32_t value) { return sock_filter{BPF_RET | BPF_K, 0, 0, value}; };
  constexpr size_t nr = offsetof(seccomp_data, nr);
  constexpr size_t firstArgument = offsetof(seccomp_data, args);  // low half; little-endian
  return {
      // The numbers below are this architecture's; others are left to the lockdown filter.
      load(offsetof(seccomp_data, arch)),    // 0
      ifEqual(seccomp_arch_native(), 0, 4),  // 1 -> 2 : 6
      load(nr),                              // 2
      ifEqual(__NR_seccomp, 8, 0),           // 3 -> 12
      ifEqual(__NR_sendmsg, 2, 0),           // 4 -> 7
      ifEqual(__NR_close, 3, 0),             // 5 -> 9
      answer(allow),                         // 6
      load(firstArgument),                   // 7
      // Sending on any other descriptor is left to the lockdown filter, which names it.
      ifEqual(setupDescriptor, 3, 2),  // 8 -> 12 : 11
      load(firstArgument),             // 9
      // The set-up socket may still be closed: it stays open until the seal is on.
      ifEqual(setupDescriptor, 0, 2),  // 10 -> 11 : 13
      answer(allow),                   // 11
      answer(kill),                    // 12
      answer(refuseClose),             // 13
  };
}

uint64_t hashOf(std::initializer_list<const FilterCode*> programs) {
  uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const FilterCode* program : programs) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(program->data());
    for (size_t i = 0; i < program->size() * sizeof(sock_filter); ++i) {
      hash = (hash ^ bytes[i]) * 0x100000001b3;
    }
    hash = (hash ^ 0xff) * 0x100000001b3;
  }
  return hash;
}

}  // namespace

CompiledPolicy compilePolicy(const Profile& profile, const CompileOptions& options) {
  CompiledPolicy policy;
  policy.profile = &profile;
  policy.startup = compileStage(profile.startup, options);
  policy.lockdown = compileStage(profile.lockdown, options);
  if (!policy.lockdown.empty()) policy.seal = makeSeal(profile, options);
  policy.hash = hashOf({&policy.startup, &policy.lockdown, &policy.seal});
  return policy;
}

std::vector<std::string> listedCalls(std::span<const Group* const> stage,
                                     const CompileOptions& options) {
  std::vector<std::string> names;
  for (const Group* group : stage) {
    if (!applies(*group, options)) continue;
    for (const Rule& rule : group->rules) {
      if (rule.verdict.error == 0) names.emplace_back(rule.syscall);
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::string syscallName(int nr, uint32_t arch) {
  // AUDIT_ARCH values are libseccomp's tokens, except that x32 shares x86_64's.
  char* name = seccomp_syscall_resolve_num_arch(arch, nr);
  if (name == nullptr && arch == AUDIT_ARCH_X86_64) {
    name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_X32, nr);
  }
  if (name == nullptr) return "unknown";
  std::string result = name;
  std::free(name);
  return result;
}

}  // namespace bulkhead::sandbox
