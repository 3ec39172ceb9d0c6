#include "sdk/script/builtins/support/bloom-filter.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <numbers>

namespace bulkhead::builtins {

SipKey bloomSeed(std::string_view nameOrSeed) {
  std::string digest = digestOf(DigestKind::sha256, nameOrSeed);
  SipKey key;
  std::memcpy(&key.low, digest.data(), 8);
  std::memcpy(&key.high, digest.data() + 8, 8);
  return key;
}

uint64_t BloomFilter::optimalCells(double falsePositiveRate, uint64_t capacity) {
  double cells = std::ceil(-(static_cast<double>(capacity) * std::log(falsePositiveRate)) /
                           (std::numbers::ln2 * std::numbers::ln2));
  if (!(cells >= 0)) return 0;
  return cells > static_cast<double>(maxBloomBits) ? maxBloomBits + 1
                                                   : static_cast<uint64_t>(cells);
}

uint64_t BloomFilter::optimalHashes(uint64_t cells, uint64_t capacity) {
  if (capacity == 0) return 0;
  return static_cast<uint64_t>(
      std::ceil(static_cast<double>(cells) / static_cast<double>(capacity) * std::numbers::ln2));
}

BloomFilter::BloomFilter(Kind kind, uint64_t hashes, uint64_t cells, unsigned width, SipKey seed)
    : kind_(kind),
      hashes_(hashes),
      cells_(cells),
      width_(width),
      seed_(seed),
      words_((cells * width + 63) / 64) {}

std::optional<BloomFilter> BloomFilter::basic(uint64_t hashes, uint64_t cells, SipKey seed) {
  if (hashes == 0 || hashes > maxBloomHashes || cells == 0 || cells > maxBloomBits)
    return std::nullopt;
  return BloomFilter(Kind::basic, hashes, cells, 1, seed);
}

std::optional<BloomFilter> BloomFilter::counting(uint64_t hashes, uint64_t cells, uint64_t maxCount,
                                                 SipKey seed) {
  auto width = static_cast<unsigned>(std::bit_width(maxCount));
  if (hashes == 0 || hashes > maxBloomHashes || cells == 0 || width == 0 ||
      cells > maxBloomBits / width)
    return std::nullopt;
  return BloomFilter(Kind::counting, hashes, cells, width, seed);
}

uint64_t BloomFilter::cell(uint64_t index) const {
  uint64_t bit = index * width_, word = bit / 64, shift = bit % 64;
  uint64_t value = words_[word] >> shift;
  if (shift != 0 && shift + width_ > 64) value |= words_[word + 1] << (64 - shift);
  return width_ == 64 ? value : value & ((uint64_t{1} << width_) - 1);
}

void BloomFilter::setCell(uint64_t index, uint64_t value) {
  uint64_t bit = index * width_, word = bit / 64, shift = bit % 64;
  uint64_t mask = width_ == 64 ? ~uint64_t{0} : (uint64_t{1} << width_) - 1;
  words_[word] = (words_[word] & ~(mask << shift)) | value << shift;
  if (shift != 0 && shift + width_ > 64) {
    unsigned done = 64 - static_cast<unsigned>(shift);
    words_[word + 1] = (words_[word + 1] & ~(mask >> done)) | value >> done;
  }
}

template <typename Visit>
void BloomFilter::eachCell(std::string_view element, Visit visit) const {
  // Zeek sets its two hashes apart by the first two numbers of a Lehmer generator.
  constexpr uint64_t lehmer = 16807;
  uint64_t first = sipHash({seed_.low + lehmer, seed_.high}, element);
  uint64_t second = sipHash({seed_.low + 2 * lehmer, seed_.high}, element);
  for (uint64_t i = 0; i < hashes_; ++i) visit((first + i * second) % cells_);
}

void BloomFilter::add(std::string_view element) {
  uint64_t most = width_ == 64 ? ~uint64_t{0} : (uint64_t{1} << width_) - 1;
  eachCell(element, [&](uint64_t index) {
    uint64_t value = cell(index);
    if (value < most) setCell(index, value + 1);
  });
}

bool BloomFilter::remove(std::string_view element) {
  if (kind_ == Kind::basic || count(element) == 0) return false;
  eachCell(element, [&](uint64_t index) {
    uint64_t value = cell(index);
    if (value > 0) setCell(index, value - 1);
  });
  return true;
}

uint64_t BloomFilter::count(std::string_view element) const {
  uint64_t least = ~uint64_t{0};
  eachCell(element, [&](uint64_t index) { least = std::min(least, cell(index)); });
  return least;
}

void BloomFilter::clear() { std::ranges::fill(words_, 0); }

bool BloomFilter::compatible(const BloomFilter& other) const {
  return kind_ == other.kind_ && hashes_ == other.hashes_ && cells_ == other.cells_ &&
         width_ == other.width_ && seed_ == other.seed_;
}

BloomFilter BloomFilter::merged(const BloomFilter& other) const {
  BloomFilter out = *this;
  if (width_ == 1) {
    for (size_t i = 0; i < words_.size(); ++i) out.words_[i] |= other.words_[i];
    return out;
  }
  uint64_t most = width_ == 64 ? ~uint64_t{0} : (uint64_t{1} << width_) - 1;
  for (uint64_t i = 0; i < cells_; ++i) {
    uint64_t a = cell(i), b = other.cell(i);
    out.setCell(i, a > most - b ? most : a + b);
  }
  return out;
}

BloomFilter BloomFilter::intersected(const BloomFilter& other) const {
  // How often an element of both was counted has no meaning any more: a basic filter says it all.
  BloomFilter out(Kind::basic, hashes_, cells_, 1, seed_);
  if (width_ == 1) {
    for (size_t i = 0; i < words_.size(); ++i) out.words_[i] = words_[i] & other.words_[i];
    return out;
  }
  for (uint64_t i = 0; i < cells_; ++i)
    out.setCell(i, std::min(cell(i), other.cell(i)) > 0 ? 1 : 0);
  return out;
}

uint64_t BloomFilter::stateDigest() const {
  std::string digest = digestOf(DigestKind::sha256,
                                {reinterpret_cast<const char*>(words_.data()), words_.size() * 8});
  uint64_t first;
  std::memcpy(&first, digest.data(), sizeof first);
  return first;
}

}  // namespace bulkhead::builtins
