#include "host/flow/icmp-messages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::flow {
namespace {

using events::EventId;
using testing::ElementsAre;

struct IcmpMessages : testing::Test {
  events::RecordingSink sink;
  events::ConnectionState connection;
  std::vector<std::string> oddities;
  IpHeader ip;

  IcmpMessages() { ip.ttl = 64; }

  using Data = std::vector<uint8_t>;
  void raise(bool v6, const Data& message) {
    ip.protocol = v6 ? ip::icmpv6 : ip::icmp;
    raiseIcmpEvents(sink, connection, ip, message, static_cast<uint32_t>(message.size()),
                    [this](const IcmpOddity& oddity) {
                      oddities.push_back(std::string(oddity.name) + "|" + oddity.addl +
                                         (oddity.ofConnection ? "|conn" : "|net"));
                    });
  }
  // The one line raised, without the connection in front.
  std::string line() {
    if (sink.lines.size() != 1) return std::to_string(sink.lines.size()) + " events";
    std::string text = sink.lines[0];
    const std::string begin = events::toText(events::Value::of(connection)) + ", ";
    if (auto at = text.find(begin); at != text.npos) text.erase(at, begin.size());
    return text;
  }
  static Data join(std::initializer_list<Data> parts) {
    Data out;
    for (const auto& part : parts) out.insert(out.end(), part.begin(), part.end());
    return out;
  }
  static Data address(std::string_view text) { return Data(16, static_cast<uint8_t>(text[0])); }
};

const std::vector<uint8_t> quotedUdp = {0x45, 0,    0,  28, 0, 1, 0x40, 0, 64, 17,
                                        0x26, 0xce, 10, 0,  0, 1, 10,   0, 0,  2,
                                        0x30, 0x39, 0,  53, 0, 8, 0,    0};

TEST_F(IcmpMessages, AnEchoCarriesIdentifierSequenceAndPayload) {
  raise(false, {8, 0, 0, 0, 0x12, 0x34, 0, 7, 'p', 'i', 'n', 'g'});
  EXPECT_EQ(line(), "icmp_echo_request([F, 8, 0, 4, 64], 4660, 7, ping)");
  sink.lines.clear();
  raise(true, {129, 0, 0, 0, 0, 1, 0, 2});
  EXPECT_EQ(line(), "icmp_echo_reply([T, 129, 0, 0, 64], 1, 2, )");
}

TEST_F(IcmpMessages, AnErrorQuotesThePacketThatCausedIt) {
  raise(false, join({{3, 3, 0, 0, 0, 0, 0, 0}, quotedUdp}));
  EXPECT_EQ(line(),
            "icmp_unreachable([F, 3, 3, 28, 64], 3, "
            "[[10.0.0.1, 12345/udp, 10.0.0.2, 53/udp, 1, []], 28, 2, 0, F, F, F, T])");
}

TEST_F(IcmpMessages, AQuoteWithoutPortsSaysSoAtItsLastByte) {
  Data cut(quotedUdp.begin(), quotedUdp.begin() + 24), cutOnce(cut.begin(), cut.end() - 1);
  raise(false, join({{11, 0, 0, 0, 0, 0, 0, 0}, cut}));
  EXPECT_THAT(line(), testing::HasSubstr("12345/udp, 10.0.0.2, 53/udp, 1, []], 28, 2, 0, F"));
  sink.lines.clear();
  raise(false, join({{11, 0, 0, 0, 0, 0, 0, 0}, cutOnce}));
  EXPECT_THAT(line(), testing::HasSubstr("[10.0.0.1, 0/unknown, 10.0.0.2, 0/unknown, 1, []], 28, "
                                         "0, 0, T"));
}

TEST_F(IcmpMessages, ABadChecksumOfTheQuoteIsNoted) {
  Data bad = quotedUdp;
  bad[8] = 63;
  raise(false, join({{3, 1, 0, 0, 0, 0, 0, 0}, bad}));
  EXPECT_THAT(line(), testing::HasSubstr("28, 2, 0, F, T, F, T])"));
}

TEST_F(IcmpMessages, ARouterAdvertisementHasItsFlagsTimesAndOptions) {
  raise(true, join({{134, 0, 0, 0, 64, 0xd8, 0x07, 0x08, 0, 0, 0x75, 0x30, 0, 0, 0x03, 0xe8},
                    {1, 1, 2, 2, 2, 2, 2, 2},
                    {5, 1, 0, 0, 0, 0, 0x05, 0xdc},
                    {3, 4, 64, 0xc0, 0, 0, 0x0e, 0x10, 0, 0, 0x07, 0x08, 0, 0, 0, 0},
                    address("a")}));
  EXPECT_THAT(line(), testing::StartsWith("icmp_router_advertisement([T, 134, 0, 56, 64], 64, T, "
                                          "T, F, 3, F, 0, "));
  EXPECT_THAT(line(), testing::HasSubstr("[5, 1, -, -, -, 1500, -]"));
  EXPECT_THAT(line(), testing::HasSubstr("[3, 4, -, [64, T, T, "));
  EXPECT_THAT(oddities, ElementsAre());
}

TEST_F(IcmpMessages, AnAdvertisementThatIsCutBeforeItsOptionsIsANetworkWeird) {
  raise(true, {134, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  EXPECT_THAT(sink.lines, ElementsAre());
  EXPECT_THAT(oddities, ElementsAre("icmp6_ra_bad_opt_offset|8 (length 7)|net"));
}

TEST_F(IcmpMessages, OptionsOfLengthZeroOrHalfAnOptionEndTheList) {
  raise(true, {133, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1});
  raise(true, {133, 0, 0, 0, 0, 0, 0, 0, 9});
  EXPECT_THAT(oddities, ElementsAre("zero_length_ICMPv6_ND_option||conn",
                                    "truncated_ICMPv6_ND_options||conn"));
  EXPECT_EQ(sink.lines.size(), 2u);
}

TEST_F(IcmpMessages, OptionsAreToldUpToALimit) {
  for (size_t count : {maxIcmpElements, maxIcmpElements + 1}) {
    Data message = {133, 0, 0, 0, 0, 0, 0, 0};
    for (size_t i = 0; i < count; ++i) message.insert(message.end(), {9, 1, 0, 0, 0, 0, 0, 0});
    sink.lines.clear();
    raise(true, message);
    size_t told = 0;
    for (size_t at = 0; (at = sink.lines[0].find("[9, 1, ", at)) != std::string::npos; ++at) ++told;
    EXPECT_EQ(told, maxIcmpElements);
  }
}

TEST_F(IcmpMessages, AListenerReportListsGroupsAndSources) {
  raise(true, join({{143, 0, 0, 0, 0, 0, 0, 2},
                    {4, 0, 0, 1},
                    address("g"),
                    address("s"),
                    {9, 1, 0, 0},  // a type that nobody knows, with auxiliary data
                    address("g"),
                    {1, 2, 3, 4}}));
  EXPECT_EQ(line(),
            "icmpv6_mld_report_v2([[4, 0, 1, 6767:6767:6767:6767:6767:6767:6767:6767, "
            "[7373:7373:7373:7373:7373:7373:7373:7373], -]])");
}

TEST_F(IcmpMessages, AListenerReportThatClaimsMoreThanItHasIsAWeird) {
  raise(true, join({{143, 0, 0, 0, 0, 0, 0, 2}, Data(39, 0)}));
  EXPECT_THAT(sink.lines, ElementsAre());
  raise(true, join({{143, 0, 0, 0, 0, 0, 0, 1}, {4, 0, 0, 2}, Data(32, 0)}));
  EXPECT_THAT(oddities,
              ElementsAre("truncated_ICMPv6_MLDv2||conn", "truncated_ICMPv6_MLDv2_record||conn"));
}

TEST_F(IcmpMessages, OtherMessagesAreSent) {
  raise(false, {5, 1, 0, 0, 10, 0, 0, 1});
  EXPECT_EQ(sink.lines.size(), 2u);
  EXPECT_THAT(sink.lines[1], testing::StartsWith("icmp_sent_payload("));
}

TEST_F(IcmpMessages, EveryTruncationOfEveryTypeIsSurvived) {
  for (bool v6 : {false, true})
    for (int type = 0; type < 256; ++type)
      for (size_t size = 8; size <= 64; ++size) {
        Data message(size, static_cast<uint8_t>(size % 5));
        message[0] = static_cast<uint8_t>(type);
        raise(v6, message);
        sink.lines.clear();
      }
}

}  // namespace
}  // namespace bulkhead::flow
