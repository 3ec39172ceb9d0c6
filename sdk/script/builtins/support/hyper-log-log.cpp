#include "sdk/script/builtins/support/hyper-log-log.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

namespace bulkhead::builtins {

std::optional<HyperLogLog> HyperLogLog::create(double error, double confidence) {
  if (!(error > 0 && error < 1) || !(confidence > 0 && confidence <= 1)) return std::nullopt;
  // The standard error of m registers is 1.04/sqrt(m); each further bit buys sqrt(2) of it, until
  // so many standard deviations fit into `error` that the confidence holds.
  double base = 2 * (std::log(1.04) - std::log(error)) / std::numbers::ln2;
  int bits = static_cast<int>(std::floor(base));
  double deviations;
  do {
    if (++bits > maxRegisterBits) return std::nullopt;
    deviations = std::exp2((bits - base) / 2);
  } while (std::erf(deviations / std::numbers::sqrt2) < confidence);
  if (bits < 4) return std::nullopt;
  return HyperLogLog(bits);
}

HyperLogLog::HyperLogLog(int registerBits)
    : registerBits_(registerBits),
      registers_(size_t{1} << registerBits),
      untouched_(registers_.size()) {}

void HyperLogLog::add(uint64_t hash) {
  uint8_t& slot = registers_[hash & (registers_.size() - 1)];
  uint64_t rest = hash >> registerBits_;
  auto rank = static_cast<uint8_t>(64 - registerBits_ - std::bit_width(rest) + 1);
  if (slot == 0) --untouched_;
  slot = std::max(slot, rank);
}

double HyperLogLog::estimate() const {
  auto m = static_cast<double>(registers_.size());
  double alpha = registers_.size() == 16   ? 0.673
                 : registers_.size() == 32 ? 0.697
                 : registers_.size() == 64 ? 0.709
                                           : 0.7213 / (1 + 1.079 / m);
  double sum = 0;
  for (uint8_t rank : registers_) sum += std::exp2(-static_cast<int>(rank));
  double raw = alpha * m * m / sum;
  constexpr double space = 18446744073709551616.0;  // 2^64 hash values
  // Linear counting below, the collision correction of the paper above.
  if (raw <= 2.5 * m) return m * std::log(m / static_cast<double>(untouched_));
  if (raw <= space / 30) return raw;
  return -space * std::log(1 - raw / space);
}

bool HyperLogLog::merge(const HyperLogLog& other) {
  if (registerBits_ != other.registerBits_) return false;
  untouched_ = 0;
  for (size_t i = 0; i < registers_.size(); ++i) {
    registers_[i] = std::max(registers_[i], other.registers_[i]);
    if (registers_[i] == 0) ++untouched_;
  }
  return true;
}

}  // namespace bulkhead::builtins
