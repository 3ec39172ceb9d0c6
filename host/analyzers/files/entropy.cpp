#include "host/analyzers/files/entropy.h"

#include <cmath>

namespace bulkhead::analyzers::files {

void Entropy::feed(std::span<const uint8_t> data) {
  for (uint8_t byte : data) {
    if (total_ == 0)
      first_ = byte;
    else
      products_ += double{1} * last_ * byte;
    last_ = byte;
    sum_ += byte;
    squares_ += double{1} * byte * byte;
    ++counts_[byte];
    ++total_;

    point_[inPoint_++] = byte;
    if (inPoint_ < point_.size()) continue;
    inPoint_ = 0;
    ++points_;
    double x = 0, y = 0;
    for (size_t i = 0; i < coordinate; ++i) {
      x = x * 256 + point_[i];
      y = y * 256 + point_[coordinate + i];
    }
    constexpr double radius = 16777215;  // 256^3 - 1
    if (x * x + y * y <= radius * radius) ++inside_;
  }
}

Entropy::Result Entropy::result() const {
  auto n = static_cast<double>(total_);
  Result out{};
  double expected = n / 256;
  for (size_t i = 0; i < counts_.size(); ++i) {
    auto count = static_cast<double>(counts_[i]);
    out.chiSquare += (count - expected) * (count - expected) / expected;
    if (counts_[i] > 0) out.entropy += count / n * std::log2(n / count);
  }
  out.mean = sum_ / n;
  out.monteCarloPi =
      points_ == 0 ? 0 : 4 * static_cast<double>(inside_) / static_cast<double>(points_);
  // The sequence is taken as a ring.
  double products = products_ + double{1} * last_ * first_;
  double spread = n * squares_ - sum_ * sum_;
  constexpr double undefined = -100000;  // what ENT reports where all bytes are equal
  out.serialCorrelation = spread == 0 ? undefined : (n * products - sum_ * sum_) / spread;
  return out;
}

}  // namespace bulkhead::analyzers::files
