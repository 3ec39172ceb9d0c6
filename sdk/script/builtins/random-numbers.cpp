#include "sdk/script/builtins/random-numbers.h"

#include "sdk/script/builtins/services.h"

namespace bulkhead::builtins {

RandomNumbers::RandomNumbers(vm::Vm& vm) : state_(1) {
  const auto& seeds = vm.extension<Services>().facts.seeds;
  seed(seeds.empty() ? vm.random() : seeds[0]);
}

void RandomNumbers::seed(uint64_t seed) {
  state_ = static_cast<uint32_t>(seed);
  if (state_ == 0) state_ = 1;
}

uint32_t RandomNumbers::next() {
  // Lehmer's generator with the multiplier of Lewis, Goodman and Miller (1969).
  constexpr uint64_t multiplier = 16807, modulus = uint64_t{highest} + 1;
  state_ = state_ * multiplier % modulus;
  return static_cast<uint32_t>(state_);
}

uint64_t RandomNumbers::below(uint64_t end) {
  return static_cast<uint64_t>(static_cast<double>(end) * next() / (highest + 1.0));
}

uint32_t RandomNumbers::word() {
  uint32_t high = next() & 0xffff;
  return high << 16 | (next() & 0xffff);
}

}  // namespace bulkhead::builtins
