#include "host/capture/packet-socket.h"

#include <gtest/gtest.h>
#include <vector>

namespace bulkhead::capture {
namespace {

TEST(PacketSocket, ATagThatTheKernelTookOffStandsBetweenAddressesAndType) {
  std::vector<uint8_t> buffer = {9, 9, 9, 9, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 0x08, 0x00, 7};
  uint8_t* start = putTagBack(buffer.data() + tagBytes, buffer.size() - tagBytes, 0x88a8, 0x2064);
  EXPECT_EQ(start, buffer.data());
  EXPECT_EQ(buffer, (std::vector<uint8_t>{1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 0x88, 0xa8, 0x20,
                                          0x64, 0x08, 0x00, 7}));
}

TEST(PacketSocket, AFrameThatHasNoRoomForAddressesGetsNoTag) {
  std::vector<uint8_t> buffer(tagBytes + 11);
  EXPECT_EQ(putTagBack(buffer.data() + tagBytes, 11, 0x8100, 1), nullptr);
  buffer.resize(tagBytes + 12);
  EXPECT_NE(putTagBack(buffer.data() + tagBytes, 12, 0x8100, 1), nullptr);
}

}  // namespace
}  // namespace bulkhead::capture
