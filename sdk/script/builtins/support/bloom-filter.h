#pragma once
// Bloom filters: sets that forget their elements but remember membership, with false positives.
//
// Owned by one opaque script value; single-threaded. Sizes come from a package, so the factories
// refuse what exceeds maxBloomBits. Elements are the bytes of a script value's key form. Source:
// Bloom 1970; Kirsch and Mitzenmacher 2008 (double hashing); Zeek "bloom-filter.bif.zeek".

#include "sdk/script/builtins/support/digest.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace bulkhead::builtins {

// 512 MiB of bits: more than any compartment's default memory limit.
constexpr uint64_t maxBloomBits = uint64_t{1} << 32;
constexpr uint64_t maxBloomHashes = 1024;

// The key for a filter's hashes: from its name, or else from the run's seed text.
SipKey bloomSeed(std::string_view nameOrSeed);

class BloomFilter {
 public:
  enum class Kind : uint8_t { basic, counting };

  // Cells and hash count for `capacity` elements at the false-positive rate (0..1).
  static uint64_t optimalCells(double falsePositiveRate, uint64_t capacity);
  static uint64_t optimalHashes(uint64_t cells, uint64_t capacity);

  // Empty if a size is 0 or beyond the limits.
  static std::optional<BloomFilter> basic(uint64_t hashes, uint64_t cells, SipKey seed);
  // Each cell counts to at least `maxCount`.
  static std::optional<BloomFilter> counting(uint64_t hashes, uint64_t cells, uint64_t maxCount,
                                             SipKey seed);

  Kind kind() const { return kind_; }
  void add(std::string_view element);
  // Only for counting filters; false if the element was not in it (or the filter is basic).
  bool remove(std::string_view element);
  // Basic: 0 or 1. Counting: the smallest counter among the element's cells.
  uint64_t count(std::string_view element) const;
  void clear();

  // True if the two have the same kind, sizes and seed, so that they can be combined.
  bool compatible(const BloomFilter& other) const;
  // Only for compatible filters.
  BloomFilter merged(const BloomFilter& other) const;
  // Only for compatible filters.
  BloomFilter intersected(const BloomFilter& other) const;
  // A number that tells two states apart, for tests of determinism.
  uint64_t stateDigest() const;

 private:
  BloomFilter(Kind kind, uint64_t hashes, uint64_t cells, unsigned width, SipKey seed);
  uint64_t cell(uint64_t index) const;
  void setCell(uint64_t index, uint64_t value);
  // Calls visit(cell index) for each hash of the element.
  template <typename Visit>
  void eachCell(std::string_view element, Visit visit) const;

  Kind kind_;
  uint64_t hashes_;
  uint64_t cells_;
  unsigned width_;  // bits of a cell
  SipKey seed_;
  std::vector<uint64_t> words_;
};

}  // namespace bulkhead::builtins
