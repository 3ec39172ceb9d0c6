#pragma once
// Hashes of table keys. Not for anything that must stay the same between builds.

#include <cstdint>
#include <cstring>
#include <string_view>

namespace bulkhead::vm {

inline uint64_t mix(uint64_t x) {
  // The 128-bit product of a multiply-rotate hash, folded: every input bit reaches every output
  // bit.
  __extension__ using Wide = unsigned __int128;
  Wide product = static_cast<Wide>(x ^ 0x9e3779b97f4a7c15) * 0xd6e8feb86659fd93;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

inline uint64_t hashBytes(std::string_view bytes, uint64_t seed) {
  uint64_t hash = mix(seed + bytes.size());
  const char* p = bytes.data();
  size_t left = bytes.size();
  for (; left >= 8; left -= 8, p += 8) {
    uint64_t word;
    std::memcpy(&word, p, 8);
    hash = mix(hash ^ word);
  }
  if (left > 0) {
    uint64_t word = 0;
    std::memcpy(&word, p, left);
    hash = mix(hash ^ word ^ 0x5bd1e995);
  }
  return hash;
}

}  // namespace bulkhead::vm
