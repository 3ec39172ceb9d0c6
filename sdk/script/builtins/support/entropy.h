#pragma once
// Randomness measures of a byte stream.
//
// Owned by one opaque script value; single-threaded; pure arithmetic. Source: J. Walker's "ENT"
// page (fourmilab.ch/random), which the Zeek reference names for find_entropy.

#include <array>
#include <cstdint>
#include <string_view>

namespace bulkhead::builtins {

class EntropyTest {
 public:
  struct Result {
    double entropy;            // bits per byte
    double chiSquare;          // against equal frequencies
    double mean;               // of the byte values
    double monteCarloPi;       // pi as 24-bit pairs of coordinates would have it
    double serialCorrelation;  // of each byte with its predecessor; -100000 if undefined
  };
  void add(std::string_view bytes);
  Result result() const;

 private:
  static constexpr size_t coordinateBytes = 3;
  std::array<uint64_t, 256> counts_{};
  uint64_t total_ = 0;
  std::array<uint8_t, 2 * coordinateBytes> point_{};
  size_t pointFill_ = 0;
  uint64_t points_ = 0, inside_ = 0;
  uint8_t first_ = 0, last_ = 0;
  double products_ = 0, sum_ = 0, squares_ = 0;
};

}  // namespace bulkhead::builtins
