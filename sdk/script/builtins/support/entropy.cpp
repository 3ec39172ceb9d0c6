#include "sdk/script/builtins/support/entropy.h"

#include <cmath>

namespace bulkhead::builtins {

void EntropyTest::add(std::string_view bytes) {
  for (char c : bytes) {
    auto byte = static_cast<uint8_t>(c);
    ++counts_[byte];
    point_[pointFill_++] = byte;
    if (pointFill_ == point_.size()) {
      pointFill_ = 0;
      ++points_;
      double x = 0, y = 0;
      for (size_t i = 0; i < coordinateBytes; ++i) {
        x = x * 256 + point_[i];
        y = y * 256 + point_[coordinateBytes + i];
      }
      constexpr double radius = 16777215;  // the largest coordinate
      if (x * x + y * y <= radius * radius) ++inside_;
    }
    if (total_ == 0)
      first_ = byte;
    else
      products_ += static_cast<double>(last_) * byte;
    sum_ += byte;
    squares_ += static_cast<double>(byte) * byte;
    last_ = byte;
    ++total_;
  }
}

EntropyTest::Result EntropyTest::result() const {
  auto n = static_cast<double>(total_);
  Result out{};
  // The stream is taken as a circle: the last byte precedes the first.
  double products = products_ + static_cast<double>(last_) * first_;
  double squaredSum = sum_ * sum_;
  double denominator = n * squares_ - squaredSum;
  out.serialCorrelation = denominator == 0 ? -100000 : (n * products - squaredSum) / denominator;
  double expected = n / 256, weighted = 0;
  // log2 by way of log10 keeps the last printed digit equal to what Zeek's users compare with.
  constexpr double log2Of10 = 3.32192809488736234787;
  for (size_t i = 0; i < counts_.size(); ++i) {
    auto count = static_cast<double>(counts_[i]);
    double difference = count - expected;
    out.chiSquare += difference * difference / expected;
    weighted += static_cast<double>(i) * count;
    double probability = count / n;
    if (probability > 0) out.entropy += probability * (log2Of10 * std::log10(1 / probability));
  }
  out.mean = weighted / n;
  out.monteCarloPi =
      points_ == 0 ? 0 : 4.0 * (static_cast<double>(inside_) / static_cast<double>(points_));
  return out;
}

}  // namespace bulkhead::builtins
