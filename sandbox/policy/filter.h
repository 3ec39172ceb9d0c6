#pragma once
// Compiles a profile into the BPF programs that the kernel takes. Done once per profile in the
// host, half a millisecond each; children load the bytes with seccomp(2).
//
// Three programs: `startup` refuses everything else with ENOSYS; `lockdown` notifies the host of
// everything else; `seal` is stacked last and takes back what the hand-over of the listener needed.
// The kernel asks all loaded filters and the strictest answer wins; of two that notify, the newest
// does. So a call that start-up refuses too is still named by lockdown.
//
// Errors: std::system_error when libseccomp refuses, which means that the tables are wrong or that
// the machine has no seccomp. Values are immutable afterwards and may be shared between threads.

#include "sandbox/policy/policy.h"

#include <cstdint>
#include <linux/filter.h>
#include <string>
#include <vector>

namespace bulkhead::sandbox {

using FilterCode = std::vector<sock_filter>;

// An upper bound for every program that we compile; a request to a child has room for so many.
inline constexpr size_t maxFilterInstructions = 640;

struct CompileOptions {
  // False where the machine has no pid namespaces: then nobody may signal at all.
  bool pidNamespace = true;
  // Whether this is a sanitizer build, which needs calls of its own.
#ifdef BULKHEAD_SANITIZED
  bool sanitized = true;
#else
  bool sanitized = false;
#endif
};

struct CompiledPolicy {
  const Profile* profile = nullptr;
  FilterCode startup;   // empty: no stage of its own
  FilterCode lockdown;  // empty: never locked
  FilterCode seal;
  // Of all instructions: one proof per hash is enough.
  uint64_t hash = 0;
};

CompiledPolicy compilePolicy(const Profile& profile, const CompileOptions& options = {});

// The names of the calls that one stage lists, sorted, without those refused with an errno.
std::vector<std::string> listedCalls(std::span<const Group* const> stage,
                                     const CompileOptions& options);

// The manual's name of a call; "unknown" when the number means nothing. `arch` is AUDIT_ARCH_*.
std::string syscallName(int nr, uint32_t arch);

}  // namespace bulkhead::sandbox
