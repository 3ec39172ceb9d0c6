#include "host/analyzers/dns/dns-analyzer.h"

#include "host/analyzers/fake-context.h"
#include "host/analyzers/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::analyzers::dns {
namespace {

using events::EventId;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Builds messages by hand.
struct Wire {
  std::vector<uint8_t> bytes;
  Wire& u8(int v) {
    bytes.push_back(static_cast<uint8_t>(v));
    return *this;
  }
  Wire& u16(int v) { return u8(v >> 8).u8(v); }
  Wire& u32(uint32_t v) { return u16(static_cast<int>(v >> 16)).u16(static_cast<int>(v & 0xffff)); }
  Wire& raw(std::string_view v) {
    bytes.insert(bytes.end(), v.begin(), v.end());
    return *this;
  }
  Wire& name(std::string_view dotted) {
    while (!dotted.empty()) {
      auto label = dotted.substr(0, dotted.find('.'));
      u8(static_cast<int>(label.size())).raw(label);
      dotted.remove_prefix(std::min(dotted.size(), label.size() + 1));
    }
    return u8(0);
  }
  Wire& pointer(int to) { return u16(0xc000 | to); }
  Wire& header(int flags, int qd, int an, int ns = 0, int ar = 0) {
    return u16(0x1234).u16(flags).u16(qd).u16(an).u16(ns).u16(ar);
  }
  Wire& question(std::string_view text, int type = 1) { return name(text).u16(type).u16(1); }
  // A record whose name points at the first question.
  Wire& record(int type, const Wire& data, uint32_t ttl = 60) {
    pointer(12).u16(type).u16(1).u32(ttl).u16(static_cast<int>(data.bytes.size()));
    bytes.insert(bytes.end(), data.bytes.begin(), data.bytes.end());
    return *this;
  }
};

struct DnsTest : testing::Test {
  FakeContext context{Transport::udp, 53};
  std::unique_ptr<flow::ProtocolAnalyzer> analyzer = makeDns(context);

  void only(std::initializer_list<EventId> events) { context.recording.only = events; }
  void query(const Wire& wire) { analyzer->deliverPacket(true, wire.bytes, wire.bytes.size()); }
  void reply(const Wire& wire) { analyzer->deliverPacket(false, wire.bytes, wire.bytes.size()); }
  const std::vector<std::string>& lines() { return context.recording.lines; }
  // One answer in a reply to a query for "ex.org".
  void answer(int type, const Wire& data) {
    reply(Wire().header(0x8180, 1, 1).question("ex.org", type).record(type, data));
  }
};

TEST_F(DnsTest, AQueryRaisesItsRequestInLowerCaseAndAsSent) {
  query(Wire().header(0x0100, 1, 0).question("WWW.Example.org"));
  EXPECT_THAT(lines(), ElementsAre(HasSubstr("dns_message("), HasSubstr("dns_request("),
                                   HasSubstr("dns_end(")));
  EXPECT_THAT(lines()[1], HasSubstr("www.example.org"));
  EXPECT_THAT(lines()[1], HasSubstr("WWW.Example.org"));
  EXPECT_EQ(context.confirmations, 1);
}

TEST_F(DnsTest, AConnectionEndsWhenItsTimerFindsItIdle) {
  query(Wire().header(0x0100, 1, 0).question("example.org"));
  const double start = context.now;
  // A packet 5 s later: too young at 10 s, looked at again 10 s on.
  context.state().lastTime = start + 5;
  context.timerQueue.advance(start + 10, 1, {});
  EXPECT_FALSE(context.expired);
  EXPECT_EQ(context.timerQueue.next(), start + 20);
  context.timerQueue.advance(start + 20, 1, {});
  EXPECT_TRUE(context.expired);
}

TEST_F(DnsTest, TheEndOfTheTraceFiresTheTimerOfABusyConnection) {
  query(Wire().header(0x0100, 1, 0).question("example.org"));
  context.ending = true;
  context.timerQueue.expireAll(context.now, {});
  EXPECT_TRUE(context.expired);
}

TEST_F(DnsTest, AReplyWithoutAnyRecordIsRejected) {
  only({EventId::dns_rejected, EventId::dns_query_reply});
  reply(Wire().header(0x8183, 1, 0).question("a.b"));
  EXPECT_THAT(lines(), ElementsAre(HasSubstr("dns_rejected(")));
}

TEST_F(DnsTest, AFirstDatagramThatIsAReplyTurnsTheConnectionRound) {
  query(Wire().header(0x8180, 1, 1).question("a.b").record(1, Wire().u32(0x01020304)));
  EXPECT_TRUE(context.flipped);
  EXPECT_THAT(lines()[0], HasSubstr("F, "));
}

TEST_F(DnsTest, AddressesFollowCompressedNames) {
  only({EventId::dns_A_reply, EventId::dns_AAAA_reply, EventId::dns_CNAME_reply});
  Wire alias;
  alias.u8(1).raw("y").pointer(12);
  reply(Wire()
            .header(0x8180, 1, 3)
            .question("ex.org")
            .record(5, alias)
            .record(1, Wire().u32(0x7f000001))
            .record(28, Wire().u32(0x20010db8).u32(0).u32(0).u32(1)));
  EXPECT_THAT(lines(),
              ElementsAre(HasSubstr("y.ex.org"), HasSubstr("127.0.0.1"), HasSubstr("2001:db8::1")));
  EXPECT_THAT(context.weirds, IsEmpty());
}

TEST_F(DnsTest, APointerThatDoesNotGoBackIsRefused) {
  reply(Wire().header(0x8180, 1, 1).question("ex.org").pointer(24).u16(1).u16(1));
  EXPECT_THAT(context.weirds, ElementsAre("DNS:DNS_label_forward_compress_offset"));
  EXPECT_EQ(context.confirmations, 0);
}

TEST_F(DnsTest, ALongChainOfPointersEndsAtTheLimit) {
  // A second question whose first label holds the chain and whose second enters it at its deep end.
  Wire chain;
  chain.header(0x0100, 2, 0).question("t");
  size_t previous = 12;
  chain.u8(63);
  size_t labelStart = chain.bytes.size();
  for (int i = 0; i < 25; ++i) {
    size_t here = chain.bytes.size();
    chain.pointer(static_cast<int>(previous));
    previous = here;
  }
  while (chain.bytes.size() < labelStart + 63) chain.u8('x');
  chain.pointer(static_cast<int>(previous)).u16(1).u16(1);
  query(chain);
  EXPECT_THAT(context.weirds, Contains(HasSubstr("DNS_max_compression_chain_depth_exceeded 21")));
  EXPECT_TRUE(context.limitReached);
}

TEST_F(DnsTest, TruncatedMessagesNameWhatIsMissing) {
  query(Wire().u16(1));
  query(Wire().header(0x0100, 1, 0).name("a.b").u16(1));
  query(Wire().header(0x0100, 1, 0).u8(9).raw("abc"));
  EXPECT_THAT(context.weirds,
              ElementsAre("DNS:DNS_truncated_len_lt_hdr_len", "DNS:DNS_truncated_quest_too_short",
                          "DNS:DNS_label_len_gt_pkt"));
}

TEST_F(DnsTest, UnknownOpcodesAreNotParsed) {
  query(Wire().header(0x1800, 1, 0).question("a"));
  EXPECT_THAT(context.weirds, ElementsAre("DNS:DNS_unknown_opcode 3"));
  EXPECT_TRUE(context.limitReached);
  EXPECT_THAT(lines(), IsEmpty());
}

TEST_F(DnsTest, TooManyQuestionsAreNoDns) {
  query(Wire().header(0x0100, 26, 0));
  EXPECT_THAT(context.violations, ElementsAre("DNS_Conn_count_too_large"));
  EXPECT_THAT(context.weirds, ElementsAre("DNS:DNS_Conn_count_too_large 26 > 25"));
}

TEST_F(DnsTest, EveryPlainTypeHasItsEvent) {
  struct {
    int type;
    Wire data;
    const char* expected;
  } cases[] = {
      {2, Wire().name("ns.ex"), "dns_NS_reply("},
      {12, Wire().name("host.ex"), "dns_PTR_reply("},
      {15, Wire().u16(10).name("mail.ex"), "mail.ex, 10"},
      {16, Wire().u8(2).raw("ab").u8(1).raw("c"), "[ab, c]"},
      {99, Wire().u8(2).raw("sp"), "dns_SPF_reply("},
      {33, Wire().u16(1).u16(2).u16(443).name("srv.ex"), "srv.ex, 1, 2, 443"},
      {6, Wire().name("m.ex").name("r.ex").u32(1).u32(2).u32(3).u32(4).u32(5),
       "m.ex, r.ex, 1, 2.0"},
      {13, Wire().u8(3).raw("cpu").u8(2).raw("os"), "cpu, os"},
      {11, Wire().u32(1).u8(6), "dns_WKS_reply("},
      {35, Wire().u16(1).u16(2).u8(1).raw("u").u8(1).raw("s").u8(0).name("r.ex"),
       "[1, 2, u, s, , r.ex]"},
      {257, Wire().u8(0).u8(5).raw("issueca.ex"), "0, issue, ca.ex"},
      {29, Wire().u8(0).u8(1).u8(2).u8(3).u32(4).u32(5).u32(6), "0, 1, 2, 3, 4, 5, 6, 0"},
      {44, Wire().u8(1).u8(2).raw("fp"), "1, 2, fp"},
      {43, Wire().u16(7).u8(8).u8(2).raw("dg"), "7, 8, 2, dg"},
      {48, Wire().u16(257).u8(3).u8(8).raw("key"), "257, 3, 8, key"},
      {46, Wire().u16(1).u8(8).u8(2).u32(60).u32(9).u32(8).u16(7).name("s.ex").raw("sig"),
       "s.ex, sig"},
      {47, Wire().name("next.ex").u8(0).u8(2).raw("bm"), "next.ex, [bm]"},
      {50, Wire().u8(1).u8(0).u16(9).u8(2).raw("sa").u8(2).raw("ha").u8(0).u8(1).raw("b"),
       "sa, 2, ha, [b]"},
      {51, Wire().u8(1).u8(0).u16(9).u8(2).raw("sa"), "2, sa"},
      {65534, Wire().u8(8).u16(513).u8(0).u8(1), "8, 513, 0, 1"},
      {300, Wire().raw("??"), "dns_unknown_reply("},
  };
  for (auto& c : cases) {
    context.recording.lines.clear();
    answer(c.type, c.data);
    EXPECT_THAT(lines(), Contains(HasSubstr(c.expected))) << c.type;
    EXPECT_THAT(lines().back(), HasSubstr("dns_end(")) << c.type;
  }
  EXPECT_THAT(context.weirds, ElementsAre("DNS:DNS_RR_unknown_type 300"));
}

TEST_F(DnsTest, WrongLengthsEndTheMessageWithAWeird) {
  answer(1, Wire().u16(1));
  answer(1, Wire());
  answer(29, Wire().u8(0));
  answer(16, Wire().u8(9).raw("ab"));
  answer(2, Wire().name("ns.ex").u8(0));
  EXPECT_THAT(
      context.weirds,
      ElementsAre("DNS:DNS_RR_bad_length", "DNS:DNS_RR_bad_length", "DNS:dns_invalid_loc_length",
                  "DNS:DNS_TXT_char_str_past_rdlen", "DNS:DNS_RR_length_mismatch"));
}

TEST_F(DnsTest, ServiceParametersKeepTheirValuesAndMalformedOnesStayRaw) {
  only({EventId::dns_HTTPS});
  answer(65, Wire()
                 .u16(1)
                 .u8(0)
                 .u16(1)
                 .u16(3)
                 .u8(2)
                 .raw("h2")
                 .u16(3)
                 .u16(2)
                 .u16(8443)
                 .u16(4)
                 .u16(4)
                 .u32(0x01020304)
                 .u16(5)
                 .u16(2)
                 .raw("hi")
                 .u16(1)
                 .u16(2)
                 .u8(9)
                 .u8('x'));
  ASSERT_EQ(lines().size(), 1u);
  EXPECT_THAT(lines()[0], HasSubstr("[1, ., [[1, -, [h2], -, -, -, -], [3, -, -, 8443, -, -, -], "
                                    "[4, -, -, -, [1.2.3.4], -, -], [5, -, -, -, -, aGk=, -], "));
  EXPECT_THAT(context.weirds, ElementsAre("DNS:DNS_SVCB_alpn_length_invalid"));
}

TEST_F(DnsTest, AdditionalRecordsAreReadOnlyWhenAskedFor) {
  only({EventId::dns_EDNS_addl, EventId::dns_EDNS_ecs, EventId::dns_EDNS_cookie});
  Wire wire;
  wire.header(0x0100, 1, 0, 0, 1)
      .question("a")
      .u8(0)
      .u16(41)
      .u16(4096)
      .u32(0x8000)
      .u16(11 + 12)
      .u16(8)
      .u16(7)
      .u16(1)
      .u8(24)
      .u8(0)
      .u8(192)
      .u8(0)
      .u8(2)
      .u16(10)
      .u16(8)
      .raw("cookie!!");
  query(wire);
  EXPECT_THAT(lines(), IsEmpty());
  options().dnsSkipAllAddl = false;
  query(wire);
  options().dnsSkipAllAddl = true;
  EXPECT_THAT(lines(), ElementsAre(HasSubstr("[, 3, 41, 4096, 0, 0, 32768"),
                                   HasSubstr("[v4, 24, 0, 192.0.2.0]"), HasSubstr("cookie!!")));
}

TEST_F(DnsTest, AnUpdateTellsZonePrerequisitesAndDeletions) {
  only({EventId::dns_dynamic_update, EventId::dns_dynamic_update_pre,
        EventId::dns_dynamic_update_del});
  query(Wire()
            .header(0x2800, 1, 1, 1)
            .question("zone.ex", 6)
            .pointer(12)
            .u16(255)
            .u16(254)
            .u32(0)
            .u16(0)
            .pointer(12)
            .u16(255)
            .u16(255)
            .u32(0)
            .u16(0));
  EXPECT_THAT(lines(), ElementsAre(HasSubstr("dns_dynamic_update_pre("),
                                   HasSubstr("dns_dynamic_update_del("), HasSubstr("zone.ex, 1)")));
}

TEST_F(DnsTest, UnwantedEventsCostNothingAndTheSessionEnds) {
  only({EventId::udp_session_done});
  query(Wire().header(0x0100, 1, 0).question("a"));
  analyzer->done();
  EXPECT_THAT(lines(), ElementsAre(HasSubstr("udp_session_done(")));
}

TEST(DnsOverTcp, MessagesAreFoundWhereverTheStreamIsCut) {
  Wire one, stream;
  one.header(0x0100, 1, 0).question("a.b");
  for (int i = 0; i < 3; ++i) {
    stream.u16(static_cast<int>(one.bytes.size()));
    stream.bytes.insert(stream.bytes.end(), one.bytes.begin(), one.bytes.end());
  }
  for (size_t step = 1; step <= stream.bytes.size(); ++step) {
    FakeContext context(Transport::tcp, 53);
    context.recording.only = {EventId::dns_request};
    auto analyzer = makeDns(context);
    flow::Bytes all(stream.bytes);
    for (size_t i = 0; i < all.size(); i += step)
      analyzer->deliverStream(true, all.subspan(i, std::min(step, all.size() - i)));
    EXPECT_EQ(context.recording.lines.size(), 3u) << step;
    EXPECT_EQ(context.timerQueue.size(), 0u);
  }
}

}  // namespace
}  // namespace bulkhead::analyzers::dns
