#include "host/flow/packet-headers.h"

#include "host/events/sink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::flow {
namespace {

using Data = std::vector<uint8_t>;
using testing::HasSubstr;

Data join(std::initializer_list<Data> parts) {
  Data out;
  for (const auto& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

const Data tcpSegment = {0x30, 0x39, 0,    80,   0,    0, 0, 1, 0, 0,   0,
                         2,    0x50, 0x12, 0x10, 0x00, 0, 0, 0, 0, 'h', 'i'};

Data ipv4(uint8_t protocol, const Data& payload, uint16_t fragment = 0x4000) {
  auto length = static_cast<uint8_t>(20 + payload.size());
  return join({{0x45,
                0,
                0,
                length,
                0,
                7,
                static_cast<uint8_t>(fragment >> 8),
                static_cast<uint8_t>(fragment),
                64,
                protocol,
                0x12,
                0x34,
                10,
                0,
                0,
                1,
                10,
                0,
                0,
                2},
               payload});
}

Data ipv6(uint8_t next, const Data& payload) {
  auto length = static_cast<uint8_t>(payload.size());
  Data source(16, 1), destination(16, 2);
  return join({{0x61, 0x20, 0, 5, 0, length, next, 64}, source, destination, payload});
}

IpHeader parsed(const Data& packet) {
  HeaderOddities ignored;
  return packet[0] >> 4 == 4 ? parseIpv4(packet) : parseIpv6(packet, ignored);
}

std::string shown(const Data& packet) {
  PacketHeaders headers;
  return events::toText(headers.ofPacket(parsed(packet), packet));
}

TEST(PacketHeaders, HaveTheFieldsOfIpAndTcp) {
  EXPECT_EQ(shown(ipv4(6, tcpSegment)),
            "[[20, 0, 42, 7, T, F, 0, 64, 6, 4660, 10.0.0.1, 10.0.0.2], -, "
            "[12345/tcp, 80/tcp, 1, 2, 20, 2, 0, 18, 4096], -, -]");
}

TEST(PacketHeaders, HaveThoseOfUdpAndIcmp) {
  EXPECT_THAT(shown(ipv4(17, {0, 53, 0, 54, 0, 8, 0, 0})), HasSubstr("-, [53/udp, 54/udp, 8], -]"));
  EXPECT_THAT(shown(ipv4(1, {8})), HasSubstr("-, -, [8]]"));
}

TEST(PacketHeaders, ATransportHeaderThatIsCutOffStaysUnset) {
  Data cut(tcpSegment.begin(), tcpSegment.begin() + 20), cutOnce(cut.begin(), cut.end() - 1);
  EXPECT_THAT(shown(ipv4(6, cut)), HasSubstr("12345/tcp"));
  EXPECT_THAT(shown(ipv4(6, cutOnce)), HasSubstr("-, -, -, -]"));
  EXPECT_THAT(shown(ipv4(17, {0, 53, 0, 54, 0, 8, 0})), HasSubstr("-, -, -, -]"));
  EXPECT_THAT(shown(ipv4(1, {})), HasSubstr("-, -, -, -]"));
}

TEST(PacketHeaders, OnlyTheFirstFragmentHasATransportHeader) {
  EXPECT_THAT(shown(ipv4(17, {0, 53, 0, 54, 0, 8, 0, 0}, 0x2000)), HasSubstr("53/udp"));
  EXPECT_THAT(shown(ipv4(17, {0, 53, 0, 54, 0, 8, 0, 0}, 0x0001)), HasSubstr("-, -, -, -]"));
}

TEST(PacketHeaders, ListExtensionHeadersInTheirOrder) {
  const Data hopByHop = {60, 0, 1, 2, 0, 0, 0, 0}, destination = {43, 0, 5, 2, 'a', 'b', 0, 0},
             routing = {44, 0, 4, 1, 0, 0, 0, 0}, fragment = {51, 0, 0, 1, 0, 0, 0, 9},
             authentication = {17, 2, 0, 0, 0, 0, 0, 3, 0, 0, 0, 4, 'i', 'c', 'v', '!'},
             udp = {0, 53, 0, 54, 0, 8, 0, 0};
  std::string text = shown(ipv6(0, join({hopByHop, destination, routing, fragment})));
  EXPECT_THAT(text, HasSubstr("[-, [18, 5, 32, 0, 64, "));
  EXPECT_THAT(text, HasSubstr("[0, [60, 0, [[1, 2, "));
  EXPECT_THAT(text, HasSubstr("[60, -, [43, 0, [[5, 2, ab], [0, 0, ], [0, 0, ]]]"));
  EXPECT_THAT(text, HasSubstr("[43, -, -, [44, 0, 4, 1, "));
  EXPECT_THAT(text, HasSubstr("[44, -, -, -, [51, 0, 0, 0, T, 9], -, -, -]"));
  EXPECT_THAT(shown(ipv6(51, join({authentication, udp}))),
              HasSubstr("[51, -, -, -, -, [17, 2, 0, 3, 4, icv!], -, -]"));
  EXPECT_THAT(shown(ipv6(51, join({authentication, udp}))), HasSubstr("53/udp"));
}

TEST(PacketHeaders, AnExtensionHeaderThatIsCutOffIsNotListed) {
  EXPECT_THAT(shown(ipv6(0, {17, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})),
              HasSubstr("[0, [17, 1, "));
  EXPECT_THAT(shown(ipv6(0, {17, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})),
              HasSubstr(", []], -, -, -]"));
}

TEST(PacketHeaders, AnOptionThatClaimsMoreThanThereIsHasWhatThereIs) {
  EXPECT_THAT(shown(ipv6(60, {17, 0, 5, 200, 'a', 'b', 'c', 'd'})), HasSubstr("[[5, 200, abcd]]"));
  EXPECT_THAT(shown(ipv6(60, {17, 0, 1, 3, 0, 0, 0, 9})), HasSubstr("[9, 0, ]]"));
}

TEST(PacketHeaders, AFrameHasItsLinkLayerToo) {
  Data packet = ipv4(1, {8});
  Data bytes = join({{2, 2, 2, 2, 2, 2, 4, 4, 4, 4, 4, 4, 0x81, 0, 0x60, 5, 0x08, 0}, packet});
  capture::Packet frame;
  frame.data = bytes;
  frame.wireLength = 99;
  PacketHeaders headers;
  IpHeader ip = parsed(packet);
  EXPECT_THAT(events::toText(headers.ofFrame(frame, &ip, packet)),
              testing::StartsWith("[[0, 99, 39, 04:04:04:04:04:04, 02:02:02:02:02:02, 5, 3, F, -, "
                                  "-, -, 2048, 0], [20, "));
  EXPECT_THAT(events::toText(headers.ofFrame(frame, nullptr, {})),
              HasSubstr("2048, 3], -, -, -, -, -]"));
  frame.data = Bytes(bytes).first(13);
  EXPECT_EQ(events::toText(headers.ofFrame(frame, nullptr, {})),
            "[[1, 99, 13, -, -, -, -, -, -, -, -, -, 3], -, -, -, -, -]");
}

}  // namespace
}  // namespace bulkhead::flow
