#include "host/analyzers/http/http-analyzer.h"

#include "host/analyzers/fake-context.h"
#include "host/analyzers/http/http-uri.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

namespace bulkhead::analyzers::http {
namespace {

using events::EventId;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Keeps what it is given as file contents, by handle.
class Files final : public flow::FileSink {
 public:
  std::map<std::string, std::string> contents;
  std::vector<std::string> log;

  bool active() const override { return true; }
  std::string identify(const flow::FileOrigin&, std::string_view handle) override {
    return std::string(handle);
  }
  bool dataIn(const flow::FileOrigin&, const std::string& id, flow::Bytes data) override {
    contents[id].append(data.begin(), data.end());
    return true;
  }
  bool dataAt(const flow::FileOrigin&, const std::string& id, uint64_t offset,
              flow::Bytes data) override {
    auto& all = contents[id];
    if (all.size() < offset + data.size()) all.resize(offset + data.size(), '.');
    std::copy(data.begin(), data.end(), all.begin() + static_cast<ptrdiff_t>(offset));
    return true;
  }
  bool gap(const flow::FileOrigin&, const std::string&, uint64_t at, uint64_t length) override {
    log.push_back("gap " + std::to_string(at) + "+" + std::to_string(length));
    return true;
  }
  bool setSize(const flow::FileOrigin&, const std::string&, uint64_t size) override {
    log.push_back("size " + std::to_string(size));
    return true;
  }
  void endOfFile(const std::string&) override { log.push_back("end"); }
  void connectionRemoved(events::ConnectionState&) override {}
};

struct HttpTest : testing::Test {
  FakeContext context{Transport::tcp, 80};
  Files files;
  std::unique_ptr<flow::ProtocolAnalyzer> analyzer;

  HttpTest() {
    context.fileSink = &files;
    analyzer = makeHttp(context);
  }
  void only(std::initializer_list<EventId> events) { context.recording.only = events; }
  void feed(bool isOrig, std::string_view text) {
    analyzer->deliverStream(isOrig, {reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  }
  void request(std::string_view text) { feed(true, text); }
  void reply(std::string_view text) { feed(false, text); }
  std::vector<std::string>& lines() { return context.recording.lines; }
  std::vector<std::string> bodies() {
    std::vector<std::string> out;
    for (auto& [handle, body] : files.contents) out.push_back(body);
    return out;
  }
};

TEST_F(HttpTest, ARequestAndItsReplyRaiseTheirEventsInOrder) {
  request("GET /a%20b?c HTTP/1.1\r\nHost: ex.org\r\n\r\n");
  reply("HTTP/1.1 200 All fine\r\nContent-Length: 2\r\nX-y: Z\r\n\r\nok");
  EXPECT_THAT(lines(), ElementsAre(HasSubstr("http_request("), HasSubstr("http_begin_entity("),
                                   HasSubstr("http_header("), HasSubstr("http_all_headers("),
                                   HasSubstr("http_content_type("), HasSubstr("http_end_entity("),
                                   HasSubstr("http_message_done("), HasSubstr("http_reply("),
                                   HasSubstr("http_begin_entity("), HasSubstr("http_header("),
                                   HasSubstr("http_header("), HasSubstr("http_all_headers("),
                                   HasSubstr("http_content_type("), HasSubstr("http_entity_data("),
                                   HasSubstr("http_end_entity("), HasSubstr("http_message_done(")));
  EXPECT_THAT(lines()[0], HasSubstr("GET, /a%20b?c, /a b?c, 1.1)"));
  EXPECT_THAT(lines()[2], HasSubstr("T, Host, HOST, ex.org)"));
  EXPECT_THAT(lines()[7], HasSubstr("1.1, 200, All fine)"));
  EXPECT_THAT(lines()[15], HasSubstr("F, message ends normally, 2, 0, "));
  EXPECT_THAT(context.weirds, IsEmpty());
  EXPECT_THAT(bodies(), ElementsAre("ok"));
}

TEST_F(HttpTest, TheStreamMayBeCutAnywhere) {
  std::string request = "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhelloGET /2 HTTP/1.1\r\n\r\n";
  std::string reply =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n"
      "Trailer: t\r\n\r\nHTTP/1.1 204 None\r\n\r\n";
  std::vector<std::string> whole;
  for (size_t step : {1000, 1, 2, 3, 5, 7}) {
    FakeContext cut(Transport::tcp, 80);
    cut.recording.only = {EventId::http_request, EventId::http_reply, EventId::http_header,
                          EventId::http_message_done};
    auto http = makeHttp(cut);
    for (auto* side : {&request, &reply})
      for (size_t i = 0; i < side->size(); i += step) {
        auto part = side->substr(i, step);
        http->deliverStream(side == &request,
                            {reinterpret_cast<const uint8_t*>(part.data()), part.size()});
      }
    if (whole.empty()) whole = cut.recording.lines;
    EXPECT_EQ(cut.recording.lines, whole) << step;
    EXPECT_THAT(cut.weirds, IsEmpty());
  }
  EXPECT_THAT(whole, Contains(HasSubstr("message ends normally, 5, 0, 32")));
  EXPECT_THAT(whole, Contains(HasSubstr("204, None")));
}

TEST_F(HttpTest, CompressedBodiesAreGivenDecoded) {
  std::string plain(5000, 'x'), packed(1000, 0);
  z_stream z{};
  ASSERT_EQ(deflateInit2(&z, 9, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  z.next_in = reinterpret_cast<Bytef*>(plain.data());
  z.avail_in = static_cast<uInt>(plain.size());
  z.next_out = reinterpret_cast<Bytef*>(packed.data());
  z.avail_out = static_cast<uInt>(packed.size());
  ASSERT_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
  packed.resize(z.total_out);
  deflateEnd(&z);
  request("GET / HTTP/1.1\r\n\r\n");
  reply("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " +
        std::to_string(packed.size()) + "\r\n\r\n" + packed);
  EXPECT_THAT(bodies(), ElementsAre(plain));
  EXPECT_THAT(lines().back(), HasSubstr("message ends normally, 5000, 0"));
  EXPECT_THAT(files.log, ElementsAre("end"));
}

TEST_F(HttpTest, BrokenCompressionIsReportedOnce) {
  request("GET / HTTP/1.1\r\n\r\n");
  reply("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 8\r\n\r\n\xff\xff\xff\xff");
  reply("\xff\xff\xff\xff");
  EXPECT_THAT(context.weirds, ElementsAre("ZIP:inflate_failed"));
}

TEST_F(HttpTest, RepliesToHeadAndNoContentHaveNoBody) {
  only({EventId::http_reply, EventId::http_message_done});
  request("HEAD / HTTP/1.1\r\n\r\n");
  reply("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nHTTP/1.1 304 Not\r\n\r\n");
  EXPECT_THAT(lines(), Contains(HasSubstr("304, Not")));
}

TEST_F(HttpTest, AnInterimReplyLeavesItsRequestOpen) {
  only({EventId::http_reply});
  request("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");
  reply("HTTP/1.1 100 Continue\r\n\r\n");
  request("x");
  reply("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
  EXPECT_THAT(lines(), ElementsAre(HasSubstr("100"), HasSubstr("201")));
}

TEST_F(HttpTest, ABodyWithoutLengthEndsWithTheConnection) {
  request("GET / HTTP/1.0\r\n\r\n");
  reply("HTTP/1.0 200 OK\r\nConnection: close\r\n\r\nabc\r\ndef");
  analyzer->endOfStream(false);
  EXPECT_THAT(bodies(), ElementsAre("abc\r\ndef"));
  EXPECT_THAT(lines().back(),
              HasSubstr("F, message ends as connection contents are completely delivered, 8"));
}

TEST_F(HttpTest, MultipartBodiesBecomeOneFileAPart) {
  request(
      "POST / HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=\"b b\"\r\nContent-Length: "
      "140\r\n\r\npreamble\r\n--b b\r\nContent-Disposition: form-data; name=a\r\n\r\none\r\nmore"
      "\r\n--b b\r\nContent-Transfer-Encoding: base64\r\n\r\naGVs\r\nbG8=\r\n--b b--\r\n");
  EXPECT_THAT(bodies(), ElementsAre("one\r\nmore", "hello"));
}

TEST_F(HttpTest, AGapInTheBodyIsCountedAndPassedOver) {
  only({EventId::http_message_done, EventId::http_event});
  request("GET / HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n");
  reply("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab");
  analyzer->streamGap(false, 40, 6);
  reply("yzHTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
  EXPECT_THAT(lines(), Contains(HasSubstr("content gap, seq=41, len=6")));
  EXPECT_THAT(lines(), Contains(HasSubstr("message ends normally, 10, 6")));
  EXPECT_THAT(files.log, ElementsAre("size 10", "gap 2+6", "end"));
}

TEST_F(HttpTest, AGapInTheHeadersEndsTheParsing) {
  only({EventId::http_message_done, EventId::http_request});
  request("GET / HTTP/1.1\r\nHost: a");
  analyzer->streamGap(true, 30, 6);
  request("\r\n\r\nGET / HTTP/1.1\r\n\r\n");
  EXPECT_THAT(lines(), ElementsAre(HasSubstr("http_request("),
                                   HasSubstr("T, message interrupted by a content gap")));
}

TEST_F(HttpTest, RangesGoWhereTheyBelong) {
  request("GET /f HTTP/1.1\r\nHost: h\r\nRange: bytes=3-5\r\n\r\n");
  reply("HTTP/1.1 206 Partial\r\nContent-Range: bytes 3-5/9\r\nContent-Length: 3\r\n\r\ndef");
  EXPECT_THAT(files.log, ElementsAre("size 9"));
  EXPECT_THAT(files.contents,
              ElementsAre(testing::Pair("Analyzer::ANALYZER_HTTPF10.0.0.1h/f", "...def")));
}

TEST_F(HttpTest, AGrantedConnectHandsTheRestOver) {
  request("CONNECT ex.org:443 HTTP/1.1\r\n\r\n");
  reply("HTTP/1.1 200 Established\r\n\r\nSSH-");
  EXPECT_TRUE(context.handedOver);
  EXPECT_EQ(context.handedOverBytes, "SSH-");
  EXPECT_THAT(context.weirds, ElementsAre("HTTP:protocol_data_with_HTTP_CONNECT_reply 4"));
  analyzer->done();
  EXPECT_THAT(lines(), Contains(HasSubstr("http_message_done(")));
}

TEST_F(HttpTest, ARefusedConnectDoesNot) {
  request("CONNECT ex.org:443 HTTP/1.1\r\n\r\n");
  reply("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
  EXPECT_FALSE(context.handedOver);
}

TEST_F(HttpTest, AnUpgradeIsAnnouncedAndHandedOver) {
  request("GET / HTTP/1.1\r\nUpgrade: tcp\r\nConnection: Upgrade\r\n\r\n");
  reply("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
  EXPECT_TRUE(context.handedOver);
  EXPECT_THAT(lines(), Contains(HasSubstr("http_connection_upgrade(CTest, tcp)")));
}

TEST_F(HttpTest, Http09RepliesAreBareContents) {
  request("GET /old\r\n");
  reply("<html>\r\n");
  reply("\r\nend");
  analyzer->endOfStream(false);
  EXPECT_THAT(bodies(), ElementsAre("<html>\r\n\r\nend"));
  EXPECT_THAT(lines(), Contains(HasSubstr("http_reply(CTest, 0.9, 0, <empty>)")));
}

TEST_F(HttpTest, OddRequestsAreCalledByTheirNames) {
  struct {
    const char* line;
    const char* weird;
  } cases[] = {
      {"\x01\x02", "bad_HTTP_request"},
      {"=/ HTTP/1.1", "bad_HTTP_request_with_version"},
      {"GET HTTP/1.1", "missing_HTTP_uri"},
      {"GET / http/1.1", "lowercase_HTTP_keyword"},
      {"BAD /x", "invalid_http_09_request_method BAD"},
  };
  for (auto& c : cases) {
    FakeContext one(Transport::tcp, 80);
    auto http = makeHttp(one);
    std::string text = std::string(c.line) + "\r\n";
    http->deliverStream(true, {reinterpret_cast<const uint8_t*>(text.data()), text.size()});
    EXPECT_THAT(one.weirds, Contains("HTTP:" + std::string(c.weird))) << c.line;
  }
}

TEST_F(HttpTest, SmugglersAreNamed) {
  request(
      "POST / HTTP/1.1\r\nContent-Length: 07\r\nTransfer-Encoding: chunked, identity\r\n"
      "X: a\r\n b\r\nExpect: maybe\r\n\r\n-1\r\n\r\n");
  EXPECT_THAT(
      context.weirds,
      ElementsAre("HTTP:HTTP_content_length_leading_zeros 07", "HTTP:HTTP_chunked_multi , identity",
                  "HTTP:HTTP_content_length_and_chunked", "HTTP:HTTP_obsolete_line_folding X",
                  "HTTP:HTTP_expect_not_100_continue maybe"));
}

TEST_F(HttpTest, NoReplyAtAllIsAViolation) {
  reply("220 mail.example.org ESMTP\r\n");
  EXPECT_THAT(context.violations, ElementsAre("not a http reply line"));
}

TEST_F(HttpTest, APartialConnectionIsNotParsed) {
  context.partial = true;
  request("GET / HTTP/1.1\r\n\r\n");
  reply("HTTP/1.1 200 OK\r\n\r\n");
  EXPECT_THAT(lines(), IsEmpty());
}

TEST_F(HttpTest, TheEndSaysHowManyThereWere) {
  only({EventId::http_stats});
  request("GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n");
  reply("HTTP/1.0 200 OK\r\n");
  analyzer->reset();
  analyzer->done();
  EXPECT_THAT(lines(), ElementsAre("http_stats(CTest, [2, 1, 1.100000, 1.000000])"));
}

TEST(HttpHandle, IsTheTextThatZeeksBaseLibraryBuilds) {
  FakeContext context(Transport::tcp, 8080);
  Transactions transactions;
  EXPECT_EQ(transactions.fileHandle(context.state(), true), "");
  transactions.request("/");
  transactions.beginEntity(true);
  EXPECT_EQ(transactions.fileHandle(context.state(), true),
            "Analyzer::ANALYZER_HTTP1000000000.5T1110.0.0.1:40000 > 10.0.0.2:8080");
  EXPECT_EQ(timeText(1254722767.49), "1254722767.49");
  EXPECT_EQ(timeText(1300000000), "1300000000.0");
}

TEST(HttpMatch, KnowsMethodsAndStatusLinesEachOnItsOwnSide) {
  using Match = flow::AnalyzerRow::Match;
  auto match = [](bool isOrig, std::string_view text) {
    return matchHttp(isOrig, {reinterpret_cast<const uint8_t*>(text.data()), text.size()}, {});
  };
  EXPECT_EQ(match(true, "GET / HTTP/1.1"), Match::yes);
  EXPECT_EQ(match(true, "\r\n PROPF"), Match::notYet);
  EXPECT_EQ(match(true, "get /"), Match::no);
  EXPECT_EQ(match(true, "HTTP/1.1 200"), Match::no);
  EXPECT_EQ(match(false, "220 x"), Match::no);
  EXPECT_EQ(match(false, "http/1"), Match::yes);
  EXPECT_EQ(match(false, "HTTP/"), Match::notYet);
}

TEST(HttpUri, EscapesAreUndoneAndOddOnesReported) {
  FakeContext context(Transport::tcp, 80);
  EXPECT_EQ(unescapeUri("/%41%u0042%u4344", context), std::string("/AB\x43\x44"));
  EXPECT_EQ(unescapeUri("%%41%zz%4", context), "A%zz%4");
  EXPECT_EQ(unescapeUri("a%", context), "a%");
  EXPECT_THAT(context.weirds,
              ElementsAre("HTTP:double_%_in_URI", "HTTP:unescaped_%_in_URI",
                          "HTTP:partial_escape_at_end_of_URI", "HTTP:illegal_%_at_end_of_URI"));
}

}  // namespace
}  // namespace bulkhead::analyzers::http
