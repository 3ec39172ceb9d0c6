#include "host/rpc/frame.h"

#include <cstring>

namespace bulkhead::rpc {

namespace {

uint32_t littleEndian(const kj::byte* at) {
  return static_cast<uint32_t>(at[0]) | static_cast<uint32_t>(at[1]) << 8 |
         static_cast<uint32_t>(at[2]) << 16 | static_cast<uint32_t>(at[3]) << 24;
}

}  // namespace

kj::OneOf<FrameHeader, MoreBytesNeeded, BadFrame> readFrameHeader(
    kj::ArrayPtr<const kj::byte> bytes) {
  if (bytes.size() < 8) return MoreBytesNeeded{};
  // The wire has the count less one. 0xffffffff would wrap to 0 segments, for which Cap'n Proto 0.9
  // allocates nothing and then writes one.
  uint32_t countLessOne = littleEndian(bytes.begin());
  if (countLessOne >= maxSegments) return BadFrame("sent a frame of too many segments");
  FrameHeader header{.segments = countLessOne + 1};
  header.tableBytes = (4 + size_t{4} * header.segments + 7) & ~size_t{7};
  if (bytes.size() < header.tableBytes) return MoreBytesNeeded{};
  for (uint32_t i = 0; i < header.segments; ++i) {
    header.words += littleEndian(bytes.begin() + 4 + size_t{4} * i);
  }
  if (header.words > maxFrameWords) return BadFrame("sent a frame longer than is allowed");
  if (header.words == 0) return BadFrame("sent an empty frame");
  return header;
}

Frame::Frame(const FrameHeader& header, kj::ArrayPtr<const kj::byte> table)
    : capnp::MessageReader(readerOptions()),
      words_(kj::heapArray<capnp::word>(header.words)),
      segments_(kj::heapArray<kj::ArrayPtr<const capnp::word>>(header.segments)) {
  size_t at = 0;
  for (uint32_t i = 0; i < header.segments; ++i) {
    size_t size = littleEndian(table.begin() + 4 + size_t{4} * i);
    segments_[i] = words_.slice(at, at + size);
    at += size;
  }
}

kj::ArrayPtr<const capnp::word> Frame::getSegment(capnp::uint id) {
  if (id >= segments_.size()) return nullptr;
  return segments_[id];
}

capnp::ReaderOptions readerOptions() {
  capnp::ReaderOptions options;
  options.traversalLimitInWords = maxTraversalWords;
  options.nestingLimit = maxNestingDepth;
  return options;
}

}  // namespace bulkhead::rpc
