#pragma once
// The numbers of rand(): those that Zeek draws under the same seed file.
//
// One to a Vm. Without a seed file the first one comes from the run's own seed, so that runs repeat
// here too. Not for secrets.

#include "sdk/script/vm/vm.h"

#include <cstdint>

namespace bulkhead::builtins {

class RandomNumbers final : public vm::Extension {
 public:
  // Numbers are from 1 up to this.
  static constexpr uint32_t highest = 2147483646;

  explicit RandomNumbers(vm::Vm& vm);
  void seed(uint64_t seed);
  uint32_t next();
  // Below `end`, or 0 if that is 0.
  uint64_t below(uint64_t end);
  // 32 random bits.
  uint32_t word();

 private:
  uint64_t state_;
};

}  // namespace bulkhead::builtins
