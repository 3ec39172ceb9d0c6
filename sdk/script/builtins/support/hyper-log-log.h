#pragma once
// HyperLogLog: how many different elements were added, within a chosen error, in small memory.
//
// Owned by one opaque script value; single-threaded. Source: Flajolet et al. 2007, with 64-bit
// hashes; Zeek "cardinality-counter.bif.zeek".

#include <cstdint>
#include <optional>
#include <vector>

namespace bulkhead::builtins {

class HyperLogLog {
 public:
  // 2^26 one-byte registers are 64 MiB.
  static constexpr int maxRegisterBits = 26;

  // The relative error and how often (0..1) it must hold; empty if that needs too many registers
  // or fewer than 16.
  static std::optional<HyperLogLog> create(double error, double confidence);

  void add(uint64_t hash);
  double estimate() const;
  // False if the two have different sizes; then nothing changes.
  bool merge(const HyperLogLog& other);

 private:
  explicit HyperLogLog(int registerBits);
  int registerBits_;
  std::vector<uint8_t> registers_;
  uint64_t untouched_;
};

}  // namespace bulkhead::builtins
