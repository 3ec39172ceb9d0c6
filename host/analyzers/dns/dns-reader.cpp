#include "host/analyzers/dns/dns-reader.h"

#include "host/analyzers/options.h"

#include <algorithm>
#include <cassert>
#include <string>

namespace bulkhead::analyzers::dns {
namespace {

constexpr uint8_t pointerBits = 0xc0;
constexpr size_t maxLabel = 63;
constexpr size_t maxName = 255;

}  // namespace

void Name::assign(std::string_view text) {
  size_ = std::min(text.size(), capacity);
  std::copy_n(text.data(), size_, bytes_.data());
}

void Name::appendLabel(std::span<const uint8_t> label) {
  assert(label.size() < free());
  std::copy(label.begin(), label.end(), bytes_.data() + size_);
  size_ += label.size();
  bytes_[size_++] = '.';
}

void Name::lower(size_t from) {
  for (size_t i = from; i < size_; ++i)
    if (bytes_[i] >= 'A' && bytes_[i] <= 'Z') bytes_[i] = static_cast<char>(bytes_[i] + 32);
}

void Name::dropFinalDot(size_t from) {
  if (size_ >= from + 2 && bytes_[size_ - 1] == '.') --size_;
}

uint8_t Reader::u8() {
  if (left() < 1) return 0;
  return message_[at_++];
}

uint16_t Reader::u16() {
  if (left() < 2) return 0;
  auto value = static_cast<uint16_t>(message_[at_] << 8 | message_[at_ + 1]);
  at_ += 2;
  return value;
}

uint32_t Reader::u32() {
  if (left() < 4) return 0;
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | message_[at_++];
  return value;
}

flow::Bytes Reader::bytes(size_t size) {
  size = std::min(size, left());
  auto out = message_.subspan(at_, size);
  at_ += size;
  return out;
}

NameReader::Step NameReader::fail(std::string_view weird) {
  context_.weird(weird, {}, "DNS");
  return Step::error;
}

bool NameReader::read(Reader& reader, Name& name, bool lowerCase, uint32_t depth) {
  if (depth > options().dnsMaxCompressionChainDepth) {
    // The part read so far stands for the name.
    context_.weird("DNS_max_compression_chain_depth_exceeded", std::to_string(depth), "DNS");
    context_.noteLimitReached();
    return true;
  }
  size_t from = name.size();
  Step step;
  do step = label(reader, name, depth);
  while (step == Step::more);
  if (step == Step::error) return false;
  if (name.size() - from >= maxName) context_.weird("DNS_NAME_too_long", {}, "DNS");
  name.dropFinalDot(from);
  if (lowerCase) name.lower(from);
  return true;
}

NameReader::Step NameReader::label(Reader& reader, Name& name, uint32_t depth) {
  size_t from = reader.at_;
  if (reader.left() == 0) return fail("dns_invalid_name");
  uint8_t size = reader.u8();
  if (size == 0) return Step::end;
  if ((size & pointerBits) == pointerBits) return pointer(reader, name, from, size, depth);
  if (size > reader.left()) {
    reader.at_ = reader.end_;
    return fail("DNS_label_len_gt_pkt");
  }
  if (size > maxLabel && !longLabels_) return fail("DNS_label_too_long");
  if (size >= name.free()) return fail("DNS_label_len_gt_name_len");
  name.appendLabel(reader.bytes(size));
  return Step::more;
}

NameReader::Step NameReader::pointer(Reader& reader, Name& name, size_t from, uint8_t high,
                                     uint32_t depth) {
  if (reader.left() == 0) return fail("dns_invalid_name");
  size_t target = static_cast<size_t>(high & ~pointerBits) << 8 | reader.u8();
  // Only backwards: each jump shortens what is left to read, so no chain can loop.
  if (target >= from) return fail("DNS_label_forward_compress_offset");
  Reader before(reader.message_, target, from);
  return read(before, name, true, depth + 1) ? Step::end : Step::error;
}

}  // namespace bulkhead::analyzers::dns
