#include "sandbox/policy/filter.h"

#include "sandbox/policy/bpf-interpreter.h"
#include "sandbox/policy/child-descriptors.h"

#include <algorithm>
#include <cerrno>
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

namespace bulkhead::sandbox {
namespace {

// The tests hold the real policy, so they are made without the sanitizers' additions.
constexpr CompileOptions plain = {.pidNamespace = true, .sanitized = false};

seccomp_data call(int nr, std::initializer_list<uint64_t> args = {},
                  uint32_t arch = AUDIT_ARCH_X86_64) {
  seccomp_data data{};
  data.nr = nr;
  data.arch = arch;
  int i = 0;
  for (uint64_t arg : args) data.args[i++] = arg;
  return data;
}

// The verdict of a child that went through start-up, lockdown and seal.
StackVerdict locked(const CompiledPolicy& policy, const seccomp_data& data,
                    const FilterCode* inherited = nullptr) {
  std::vector<std::span<const sock_filter>> stack;
  if (inherited != nullptr) stack.emplace_back(*inherited);
  if (!policy.startup.empty()) stack.emplace_back(policy.startup);
  stack.emplace_back(policy.lockdown);
  stack.emplace_back(policy.seal);
  return runFilters(stack, data);
}

CompiledPolicy compiled(ProfileId id) { return compilePolicy(profileOf(id), plain); }

TEST(Policy, EveryRuleOfEveryProfileHasAReason) {
  for (const Profile& profile : allProfiles()) {
    for (const auto& stage : {profile.startup, profile.lockdown}) {
      for (const Group* group : stage) {
        EXPECT_STRNE(group->help, "") << group->name;
        for (const Rule& rule : group->rules) {
          EXPECT_NE(rule.reason, nullptr) << rule.syscall;
          EXPECT_STRNE(rule.reason, "") << rule.syscall;
        }
      }
    }
  }
}

TEST(Policy, ALockedScriptCompartmentHasExactlySeventeenCallsAndTheHandOver) {
  const std::vector<std::string> expected = {
      "brk",        "clock_gettime", "close",  "epoll_ctl",  "epoll_wait",
      "exit_group", "futex",         "getpid", "getsockopt", "gettid",
      "mmap",       "mremap",        "munmap", "read",       "rt_sigprocmask",
      "seccomp",    "sendmsg",       "tgkill", "write",      "writev"};
  EXPECT_EQ(listedCalls(profileOf(ProfileId::compartmentScript).lockdown, plain), expected);
}

TEST(Policy, ListedCallsPassAndTheHandOverIsSealed) {
  const CompiledPolicy policy = compiled(ProfileId::compartmentScript);
  for (int nr : {__NR_read, __NR_write, __NR_writev, __NR_epoll_wait, __NR_epoll_ctl, __NR_munmap,
                 __NR_mremap, __NR_brk, __NR_clock_gettime, __NR_futex, __NR_exit_group,
                 __NR_rt_sigprocmask, __NR_getpid, __NR_gettid}) {
    EXPECT_EQ(locked(policy, call(nr)).action, SECCOMP_RET_ALLOW) << nr;
  }
  EXPECT_EQ(locked(policy, call(__NR_sendmsg, {setupDescriptor})).action, SECCOMP_RET_KILL_PROCESS);
  EXPECT_EQ(locked(policy, call(__NR_seccomp, {1, 0})).action, SECCOMP_RET_KILL_PROCESS);
  EXPECT_EQ(locked(policy, call(__NR_close, {7})).action, SECCOMP_RET_ERRNO | 0u);
  EXPECT_EQ(locked(policy, call(__NR_close, {setupDescriptor})).action, SECCOMP_RET_ALLOW);
}

TEST(Policy, BeforeTheSealTheListenerCanBeHandedOver) {
  const CompiledPolicy policy = compiled(ProfileId::compartmentScript);
  EXPECT_EQ(runFilter(policy.lockdown, call(__NR_sendmsg, {setupDescriptor})), SECCOMP_RET_ALLOW);
  EXPECT_EQ(runFilter(policy.lockdown, call(__NR_seccomp, {1, 0})), SECCOMP_RET_ALLOW);
  EXPECT_EQ(runFilter(policy.lockdown, call(__NR_close, {9})), SECCOMP_RET_ALLOW);
  // Another listener, or sending elsewhere, is not part of it.
  EXPECT_EQ(runFilter(policy.lockdown, call(__NR_seccomp, {1, SECCOMP_FILTER_FLAG_NEW_LISTENER})),
            SECCOMP_RET_USER_NOTIF);
  EXPECT_EQ(runFilter(policy.lockdown, call(__NR_sendmsg, {rpcDescriptor})),
            SECCOMP_RET_USER_NOTIF);
}

TEST(Policy, EveryOtherCallNumberIsNamedAndNoneIsAllowed) {
  for (ProfileId id : {ProfileId::compartmentScript, ProfileId::compartmentNative,
                       ProfileId::worker, ProfileId::logger}) {
    const CompiledPolicy policy = compiled(id);
    const auto listed = listedCalls(policy.profile->lockdown, plain);
    for (int nr = 0; nr < 470; ++nr) {
      const std::string name = syscallName(nr, AUDIT_ARCH_X86_64);
      if (std::find(listed.begin(), listed.end(), name) != listed.end()) continue;
      const uint32_t action = locked(policy, call(nr)).action;
      const bool quiet = (action & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO;
      EXPECT_TRUE(action == SECCOMP_RET_USER_NOTIF || quiet) << policy.profile->name << " " << name;
      EXPECT_FALSE(quiet && id == ProfileId::compartmentScript) << name;
    }
  }
}

TEST(Policy, TheDangerousCallsAreNamedUnderEveryPackageProfile) {
  for (ProfileId id : {ProfileId::compartmentScript, ProfileId::compartmentNative}) {
    const CompiledPolicy policy = compiled(id);
    for (int nr : {__NR_open,
                   __NR_openat,
                   __NR_openat2,
                   __NR_socket,
                   __NR_connect,
                   __NR_execve,
                   __NR_fork,
                   __NR_vfork,
                   __NR_clone,
                   __NR_clone3,
                   __NR_ptrace,
                   __NR_kill,
                   __NR_mount,
                   __NR_bpf,
                   __NR_userfaultfd,
                   __NR_io_uring_setup,
                   __NR_unshare,
                   __NR_setns,
                   __NR_process_vm_writev,
                   __NR_memfd_create,
                   __NR_dup2,
                   __NR_sendto,
                   __NR_recvmsg,
                   __NR_prctl,
                   __NR_perf_event_open,
                   __NR_keyctl}) {
      EXPECT_EQ(locked(policy, call(nr)).action, SECCOMP_RET_USER_NOTIF)
          << policy.profile->name << " " << nr;
    }
    EXPECT_EQ(locked(policy, call(__NR_execveat, {rpcDescriptor, 0, 0, 0, 0x1000})).action,
              SECCOMP_RET_USER_NOTIF);
  }
}

TEST(Policy, CallsOfStartUpAreNamedOnceLocked) {
  // The zygote's filter lists them and does not name; the newer filter does.
  const CompiledPolicy zygote = compiled(ProfileId::zygote);
  const CompiledPolicy policy = compiled(ProfileId::compartmentScript);
  for (int nr : {__NR_openat, __NR_mount, __NR_epoll_create1, __NR_rt_sigaction, __NR_socket,
                 __NR_reboot, __NR_ptrace}) {
    const StackVerdict verdict = locked(policy, call(nr), &zygote.startup);
    EXPECT_EQ(verdict.action, SECCOMP_RET_USER_NOTIF) << nr;
    EXPECT_EQ(verdict.decidedBy, 1) << nr;  // the lockdown filter, which has the listener
  }
  EXPECT_EQ(locked(policy, call(__NR_read), &zygote.startup).action, SECCOMP_RET_ALLOW);
}

TEST(Policy, NoMemoryBecomesExecutable) {
  for (ProfileId id : {ProfileId::compartmentScript, ProfileId::compartmentNative,
                       ProfileId::worker, ProfileId::logger}) {
    const CompiledPolicy policy = compiled(id);
    EXPECT_EQ(locked(policy, call(__NR_mmap, {0, 4096, PROT_READ | PROT_WRITE, 0x22})).action,
              SECCOMP_RET_ALLOW);
    EXPECT_EQ(locked(policy, call(__NR_mmap, {0, 4096, PROT_READ | PROT_EXEC, 0x22})).action,
              SECCOMP_RET_USER_NOTIF);
    EXPECT_EQ(locked(policy, call(__NR_mprotect, {0, 4096, PROT_READ | PROT_EXEC})).action,
              SECCOMP_RET_USER_NOTIF);
  }
}

TEST(Policy, ArgumentsAreComparedInFull) {
  const CompiledPolicy policy = compiled(ProfileId::compartmentScript);
  EXPECT_EQ(locked(policy, call(__NR_getsockopt, {3, SOL_SOCKET, SO_SNDBUF})).action,
            SECCOMP_RET_ALLOW);
  EXPECT_EQ(locked(policy, call(__NR_getsockopt, {3, SOL_SOCKET, SO_PEERCRED})).action,
            SECCOMP_RET_USER_NOTIF);
  EXPECT_EQ(locked(policy, call(__NR_getsockopt, {3, SOL_SOCKET + (1ull << 32), SO_SNDBUF})).action,
            SECCOMP_RET_USER_NOTIF);
  EXPECT_EQ(locked(policy, call(__NR_tgkill, {1, 1, 6})).action, SECCOMP_RET_ALLOW);
  EXPECT_EQ(locked(policy, call(__NR_tgkill, {1, 1, 9})).action, SECCOMP_RET_USER_NOTIF);
}

TEST(Policy, OtherEntriesOfTheKernelAreNamedToo) {
  const CompiledPolicy policy = compiled(ProfileId::compartmentNative);
  EXPECT_EQ(locked(policy, call(3, {}, AUDIT_ARCH_I386)).action, SECCOMP_RET_USER_NOTIF);
  EXPECT_EQ(locked(policy, call(0x40000000 + 1)).action, SECCOMP_RET_USER_NOTIF);
}

TEST(Policy, WithoutAPidNamespaceNobodyMaySignal) {
  const CompiledPolicy policy = compilePolicy(profileOf(ProfileId::compartmentScript),
                                              {.pidNamespace = false, .sanitized = false});
  EXPECT_EQ(locked(policy, call(__NR_tgkill, {1, 1, 6})).action, SECCOMP_RET_ERRNO | EPERM);
}

TEST(Policy, TheWorkerMayReceiveAndCloseDescriptorsButNotOpenAny) {
  const CompiledPolicy policy = compiled(ProfileId::worker);
  for (int nr : {__NR_recvmsg, __NR_recvfrom, __NR_poll, __NR_read, __NR_lseek, __NR_close}) {
    EXPECT_EQ(locked(policy, call(nr, {9})).action, SECCOMP_RET_ALLOW) << nr;
  }
  for (int nr : {__NR_openat, __NR_socket, __NR_connect, __NR_clone3, __NR_execve, __NR_sendto}) {
    EXPECT_EQ(locked(policy, call(nr)).action, SECCOMP_RET_USER_NOTIF) << nr;
  }
}

TEST(Policy, TheLoggerMayOpenAndRenameButNotConnectOrExecute) {
  const CompiledPolicy policy = compiled(ProfileId::logger);
  for (int nr : {__NR_openat, __NR_renameat, __NR_mkdirat, __NR_write, __NR_fsync, __NR_close}) {
    EXPECT_EQ(locked(policy, call(nr, {9})).action, SECCOMP_RET_ALLOW) << nr;
  }
  for (int nr : {__NR_socket, __NR_connect, __NR_clone3, __NR_execve, __NR_linkat, __NR_symlinkat,
                 __NR_fchmodat}) {
    EXPECT_EQ(locked(policy, call(nr)).action, SECCOMP_RET_USER_NOTIF) << nr;
  }
}

TEST(Policy, TheSameProfileCompilesToTheSameHashAndAnotherDoesNot) {
  EXPECT_EQ(compiled(ProfileId::worker).hash, compiled(ProfileId::worker).hash);
  EXPECT_NE(compiled(ProfileId::worker).hash, compiled(ProfileId::logger).hash);
}

TEST(Policy, TheDescriptionNamesGroupsCallsConditionsAndReasons) {
  const std::string text = describeProfile(profileOf(ProfileId::compartmentScript));
  EXPECT_NE(text.find("compartment-script: computes on events"), std::string::npos);
  EXPECT_NE(text.find("    @memory: allocate memory, none of it executable\n"
                      "      mmap when arg2 & 0x4 == 0: allocate; never executable\n"),
            std::string::npos)
      << text;
}

TEST(BpfInterpreter, RefusesProgramsThatLeaveTheirBounds) {
  const sock_filter jumpsOut[] = {{BPF_JMP | BPF_JA, 0, 0, 5}, {BPF_RET | BPF_K, 0, 0, 0}};
  EXPECT_THROW(runFilter(jumpsOut, call(0)), std::invalid_argument);
  const sock_filter fallsOff[] = {{BPF_LD | BPF_IMM, 0, 0, 5}};
  EXPECT_THROW(runFilter(fallsOff, call(0)), std::invalid_argument);
  const sock_filter readsOut[] = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 64}, {BPF_RET, 0, 0, 0}};
  EXPECT_THROW(runFilter(readsOut, call(0)), std::invalid_argument);
}

}  // namespace
}  // namespace bulkhead::sandbox
