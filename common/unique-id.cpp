#include "common/unique-id.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <vector>

namespace bulkhead {
namespace {

uint64_t littleEndian(const uint8_t* p) {
  uint64_t value = 0;
  for (int i = 7; i >= 0; --i) value = value << 8 | p[i];
  return value;
}

struct SipState {
  uint64_t a, b, c, d;
  void round() {
    a += b;
    b = std::rotl(b, 13) ^ a;
    a = std::rotl(a, 32);
    c += d;
    d = std::rotl(d, 16) ^ c;
    a += d;
    d = std::rotl(d, 21) ^ a;
    c += b;
    b = std::rotl(b, 17) ^ c;
    c = std::rotl(c, 32);
  }
};

constexpr SipKey fixedKey = {'b', 'u', 'l', 'k', 'h', 'e', 'a', 'd',
                             '-', 'u', 'i', 'd', '-', 'k', 'e', 'y'};

}  // namespace

uint64_t sipHash24(const SipKey& key, const void* data, size_t size) {
  const uint64_t k0 = littleEndian(key.data()), k1 = littleEndian(key.data() + 8);
  SipState s{k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261,
             k1 ^ 0x7465646279746573};
  const auto* p = static_cast<const uint8_t*>(data);
  auto compress = [&](uint64_t word) {
    s.d ^= word;
    s.round();
    s.round();
    s.a ^= word;
  };
  size_t left = size;
  for (; left >= 8; left -= 8, p += 8) compress(littleEndian(p));
  uint64_t last = static_cast<uint64_t>(size) << 56;
  for (size_t i = 0; i < left; ++i) last |= static_cast<uint64_t>(p[i]) << (8 * i);
  compress(last);
  s.c ^= 0xff;
  for (int i = 0; i < 4; ++i) s.round();
  return s.a ^ s.b ^ s.c ^ s.d;
}

std::optional<SipKey> keyFromSeeds(std::span<const uint32_t> seeds) {
  constexpr size_t numbers = 21, keyFrom = 17;  // the key is the last four of the 80 byte block
  if (seeds.size() != numbers) return std::nullopt;
  SipKey key;
  for (size_t i = 0; i < key.size(); ++i)
    key[i] = static_cast<uint8_t>(seeds[keyFrom + i / 4] >> (8 * (i % 4)));
  return key;
}

std::optional<SipKey> keyFromSeedFile(std::string_view text) {
  constexpr size_t most = 21;
  std::vector<uint32_t> seeds;
  while (true) {
    size_t from = text.find_first_not_of(" \t\r\n");
    if (from == std::string_view::npos) break;
    text.remove_prefix(from);
    uint32_t value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || seeds.size() == most) return std::nullopt;
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    seeds.push_back(value);
  }
  return keyFromSeeds(seeds);
}

std::string base62(uint64_t value) {
  static constexpr char digits[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  std::string out;
  do {
    out += digits[value % 62];
    value /= 62;
  } while (value != 0);
  return out;
}

UniqueIds::UniqueIds(Pool pool) : UniqueIds(fixedKey, pool) {}

uint64_t UniqueIds::draw() {
  uint8_t message[16];
  const uint64_t pool = static_cast<uint64_t>(pool_), count = ++counter_;
  for (int i = 0; i < 8; ++i) {
    message[i] = static_cast<uint8_t>(pool >> (8 * i));
    message[8 + i] = static_cast<uint8_t>(count >> (8 * i));
  }
  return sipHash24(key_, message, sizeof message);
}

std::string UniqueIds::next(std::string_view prefix, uint64_t bits) {
  bits = std::min<uint64_t>(bits, maxBits);
  uint64_t words[maxBits / 64] = {};
  for (uint64_t i = 0; i * 64 < bits; ++i) words[i] = draw();
  if (bits % 64 != 0) words[0] >>= 64 - bits % 64;  // of 96 bits the first draw gives half
  std::string out(prefix);
  for (uint64_t word : words) out += base62(word);
  return out;
}

}  // namespace bulkhead
