#pragma once
// How random bytes look: entropy, chi-square, mean, a Monte Carlo estimate of pi, and serial
// correlation. Fixed memory. Source: J. Walker, "ENT: A Pseudorandom Number Sequence Test Program".

#include <array>
#include <cstdint>
#include <span>

namespace bulkhead::analyzers::files {

class Entropy {
 public:
  struct Result {
    double entropy, chiSquare, mean, monteCarloPi, serialCorrelation;
  };
  void feed(std::span<const uint8_t> data);
  bool empty() const { return total_ == 0; }
  // Not for empty().
  Result result() const;

 private:
  static constexpr size_t coordinate = 3;  // bytes a coordinate of a Monte Carlo point
  std::array<uint64_t, 256> counts_{};
  uint64_t total_ = 0;
  std::array<uint8_t, 2 * coordinate> point_{};
  size_t inPoint_ = 0;
  uint64_t points_ = 0, inside_ = 0;
  uint8_t first_ = 0, last_ = 0;
  double products_ = 0, sum_ = 0, squares_ = 0;
};

}  // namespace bulkhead::analyzers::files
