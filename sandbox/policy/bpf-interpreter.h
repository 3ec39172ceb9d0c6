#pragma once
// Runs a compiled seccomp program in memory against a made-up system call, and answers what the
// kernel would. No privileges, no child: this is how the policy is tested and explained.
//
// Only the instructions that seccomp accepts are known. Errors: std::invalid_argument for a program
// that the kernel would refuse too (unknown instruction, jump out of bounds).

#include <cstdint>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <span>

namespace bulkhead::sandbox {

// The SECCOMP_RET_* word for this call.
uint32_t runFilter(std::span<const sock_filter> program, const seccomp_data& call);

// What a stack of filters answers, oldest first: the strictest action, the newest among equals.
struct StackVerdict {
  uint32_t action = SECCOMP_RET_ALLOW;
  // Index of the program whose answer counts, -1 when all allow.
  int decidedBy = -1;
};
StackVerdict runFilters(std::span<const std::span<const sock_filter>> oldestFirst,
                        const seccomp_data& call);

}  // namespace bulkhead::sandbox
