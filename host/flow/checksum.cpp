#include "host/flow/checksum.h"

#include <cstring>

namespace bulkhead::flow {
namespace {

// Sums 32-bit words in memory order: one's complement addition does not care about byte order as
// long as all parts start at even offsets.
uint64_t sum(Bytes data, uint64_t start) {
  const uint8_t* p = data.data();
  size_t left = data.size();
  while (left >= 4) {
    uint32_t word;
    std::memcpy(&word, p, 4);
    start += word;
    p += 4;
    left -= 4;
  }
  if (left) {
    uint32_t word = 0;
    std::memcpy(&word, p, left);
    start += word;
  }
  return start;
}

bool allOnes(uint64_t total) {
  total = (total & 0xffffffff) + (total >> 32);
  total = (total & 0xffffffff) + (total >> 32);
  auto folded = static_cast<uint32_t>((total & 0xffff) + (total >> 16));
  folded = (folded & 0xffff) + (folded >> 16);
  return folded == 0xffff;
}

}  // namespace

bool checksumGood(Bytes data) { return allOnes(sum(data, 0)); }

bool checksumGood(const IpHeader& ip, uint8_t protocol, Bytes segment) {
  const auto length = static_cast<uint32_t>(segment.size());
  uint8_t tail[8] = {static_cast<uint8_t>(length >> 24),
                     static_cast<uint8_t>(length >> 16),
                     static_cast<uint8_t>(length >> 8),
                     static_cast<uint8_t>(length),
                     0,
                     0,
                     0,
                     protocol};
  const size_t from = ip.isV4 ? 12 : 0;
  uint64_t total = sum(Bytes(ip.source.bytes).subspan(from), 0);
  total = sum(Bytes(ip.destination.bytes).subspan(from), total);
  total = sum(tail, total);
  return allOnes(sum(segment, total));
}

}  // namespace bulkhead::flow
