#pragma once
// Why a piece of script runs. Rows of shared logs are joined across compartments on it.

#include <cstdint>

namespace bulkhead::vm {

struct Cause {
  // Number of the host input (event, tick, answer, reply) that everything now running descends
  // from, through queued events, timers, hooks and `when`. Zero before the first input.
  uint64_t rootSeq = 0;
  // Whether a function that came from a package is on that path: on the stack now, or on the stack
  // of whoever raised, scheduled or waited.
  bool viaPackage = false;

  bool operator==(const Cause&) const = default;
};

}  // namespace bulkhead::vm
