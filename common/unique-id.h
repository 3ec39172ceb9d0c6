#pragma once
// The identifiers that Zeek prints: "C..." for connections, what unique_id() answers in scripts.
//
// Each draw is a keyed hash (SipHash-2-4) of a pool and a counter, so a run with one key repeats.
// The key comes from the file that ZEEK_SEED_FILE names, or is a fixed one. Plain value, any
// thread, one at a time.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace bulkhead {

using SipKey = std::array<uint8_t, 16>;

// SipHash-2-4, https://www.aumasson.jp/siphash/siphash.pdf.
uint64_t sipHash24(const SipKey& key, const void* data, size_t size);

// The key in the numbers of a seed file; empty unless they are 21.
std::optional<SipKey> keyFromSeeds(std::span<const uint32_t> seeds);

// The text of a seed file: 21 decimal numbers below 2^32, one a line. Empty if it is anything else.
std::optional<SipKey> keyFromSeedFile(std::string_view text);

// Digits 0-9a-zA-Z, least significant first, no padding; "0" for nought.
std::string base62(uint64_t value);

class UniqueIds {
 public:
  // Zeek's pools of numbers: one for connections and tunnels, one for unique_id() in scripts. What
  // follows `custom` are those of unique_id_from().
  enum class Pool : uint64_t { connections = 1, scripts = 2, custom = 10, end = 10000 };
  static constexpr unsigned standardBits = 96, maxBits = 128;

  UniqueIds(const SipKey& key, Pool pool) : key_(key), pool_(pool) {}
  // Without a seed file: a fixed key, so that two runs over one trace agree.
  explicit UniqueIds(Pool pool);

  // The next identifier, as text after `prefix`. More bits than maxBits are maxBits.
  std::string next(std::string_view prefix, uint64_t bits = standardBits);

 private:
  uint64_t draw();

  SipKey key_;
  Pool pool_;
  uint64_t counter_ = 0;
};

}  // namespace bulkhead
