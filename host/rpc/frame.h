#pragma once
// One Cap'n Proto message as it stands on the wire: a table of segment sizes, then the segments.
//
// Any thread. Nothing is allocated before the whole table was checked. Format:
// https://capnproto.org/encoding.html#serialization-over-a-stream

#include "host/rpc/limits.h"

#include <capnp/message.h>
#include <kj/array.h>
#include <kj/one-of.h>

#include <cstdint>

namespace bulkhead::rpc {

struct FrameHeader {
  uint32_t segments = 0;
  size_t tableBytes = 0;  // of the segment table, padded to words
  uint64_t words = 0;     // of all segments
};

struct MoreBytesNeeded {};
// Says what is wrong with the table.
using BadFrame = kj::StringPtr;

kj::OneOf<FrameHeader, MoreBytesNeeded, BadFrame> readFrameHeader(
    kj::ArrayPtr<const kj::byte> bytes);

// A received frame; owns its words. Reads with the limits of limits.h.
class Frame final : public capnp::MessageReader {
 public:
  // `table` begins at the frame's first byte and holds at least the table.
  Frame(const FrameHeader& header, kj::ArrayPtr<const kj::byte> table);

  // Where the segments' bytes go; as many as the header's words take.
  kj::ArrayPtr<kj::byte> body() { return words_.asBytes(); }
  kj::ArrayPtr<const capnp::word> getSegment(capnp::uint id) override;

 private:
  kj::Array<capnp::word> words_;
  kj::Array<kj::ArrayPtr<const capnp::word>> segments_;
};

capnp::ReaderOptions readerOptions();

}  // namespace bulkhead::rpc
