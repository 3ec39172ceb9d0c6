#include "host/rpc/frame.h"

#include <capnp/serialize.h>

#include <cstring>
#include <gtest/gtest.h>
#include <vector>

namespace bulkhead::rpc {
namespace {

std::vector<kj::byte> table(std::initializer_list<uint32_t> numbers) {
  std::vector<kj::byte> out;
  for (uint32_t n : numbers) {
    for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<kj::byte>(n >> shift));
  }
  return out;
}

auto header(const std::vector<kj::byte>& bytes) {
  return readFrameHeader(kj::arrayPtr(bytes.data(), bytes.size()));
}

TEST(FrameHeader, AsksForMoreUntilItsTableIsWhole) {
  EXPECT_TRUE(header({}).is<MoreBytesNeeded>());
  EXPECT_TRUE(header({0, 0, 0, 0, 1, 0, 0}).is<MoreBytesNeeded>());
  EXPECT_TRUE(header(table({1, 1})).is<MoreBytesNeeded>());
  EXPECT_TRUE(header(table({0, 1})).is<FrameHeader>());
}

TEST(FrameHeader, TakesTheMostSegmentsAndNotOneMore) {
  std::vector<kj::byte> most = table({maxSegments - 1});
  for (uint32_t i = 0; i < maxSegments + 1; ++i) {
    auto one = table({1});
    most.insert(most.end(), one.begin(), one.end());
  }
  ASSERT_TRUE(header(most).is<FrameHeader>());
  EXPECT_EQ(header(most).get<FrameHeader>().segments, maxSegments);
  EXPECT_TRUE(header(table({maxSegments, 1})).is<BadFrame>());
}

TEST(FrameHeader, RefusesTheCountThatWrapsToNoSegments) {
  EXPECT_TRUE(header(table({0xffffffff, 0})).is<BadFrame>());
}

TEST(FrameHeader, TakesTheLongestFrameAndNotOneWordMore) {
  EXPECT_TRUE(header(table({0, maxFrameWords})).is<FrameHeader>());
  EXPECT_TRUE(header(table({0, maxFrameWords + 1})).is<BadFrame>());
  // The sum of the segments counts, also where it would wrap 32 bits.
  EXPECT_TRUE(header(table({1, 0xffffffff, 2, 0})).is<BadFrame>());
}

TEST(FrameHeader, RefusesAFrameOfNothing) { EXPECT_TRUE(header(table({0, 0})).is<BadFrame>()); }

TEST(Frame, ReadsWhatCapnProtoWrote) {
  capnp::MallocMessageBuilder message(1, capnp::AllocationStrategy::FIXED_SIZE);
  auto list = message.initRoot<capnp::AnyPointer>().initAs<capnp::List<capnp::Text>>(3);
  list.set(0, "one");
  list.set(2, "a longer text that needs another segment");
  auto flat = capnp::messageToFlatArray(message);
  auto parsed = readFrameHeader(flat.asBytes());
  ASSERT_TRUE(parsed.is<FrameHeader>());
  auto& found = parsed.get<FrameHeader>();
  EXPECT_GT(found.segments, 1u);
  Frame frame(found, flat.asBytes());
  ASSERT_EQ(frame.body().size(), flat.asBytes().size() - found.tableBytes);
  std::memcpy(frame.body().begin(), flat.asBytes().begin() + found.tableBytes, frame.body().size());
  auto read = frame.getRoot<capnp::AnyPointer>().getAs<capnp::List<capnp::Text>>();
  EXPECT_EQ(read[2], "a longer text that needs another segment");
}

}  // namespace
}  // namespace bulkhead::rpc
