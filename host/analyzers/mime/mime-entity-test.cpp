#include "host/analyzers/mime/mime-entity.h"

#include "host/analyzers/fake-context.h"
#include "host/analyzers/mime/mime-text.h"
#include "host/analyzers/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::analyzers::mime {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Keeps what an entity reports, as text.
struct Owner final : EntityOwner {
  FakeContext fake{Transport::tcp, 25};
  std::vector<std::string> log, problems;
  std::map<Entity*, std::string> open;
  std::vector<std::string> bodies;

  void beginEntity(Entity& e) override {
    log.push_back("begin " + std::to_string(e.depth()));
    open[&e];
  }
  void endEntity(Entity& e) override {
    log.push_back("end " + std::to_string(e.depth()));
    if (e.type() != Entity::Type::multipart && e.type() != Entity::Type::message)
      bodies.push_back(open[&e]);
    open.erase(&e);
  }
  void header(Entity&, const Header& h) override {
    log.push_back(std::string(h.name()) + "=" + std::string(h.value()));
  }
  void allHeaders(Entity& e, std::span<const Header> headers) override {
    log.push_back(e.typeText() + "/" + e.subtypeText() + " " + std::to_string(headers.size()));
  }
  void data(Entity& e, flow::Bytes bytes) override { open[&e].append(bytes.begin(), bytes.end()); }
  void problem(Problem, std::string_view what) override { problems.emplace_back(what); }
  size_t chunkSize() const override { return 7; }
  bool keepHeaders() const override { return true; }
  flow::ConnectionContext& context() override { return fake; }
  std::string_view weirdSource() const override { return "TEST"; }
};

struct EntityTest : testing::Test {
  Owner owner;
  Entity top{owner, nullptr};
  void feed(std::initializer_list<std::string_view> lines) {
    for (auto line : lines) top.deliver(line, true);
  }
};

TEST_F(EntityTest, HeadersEndAtTheEmptyLineAndTheBodyIsText) {
  feed({"Subject: hello", "Content-Type: text/html; x=y", "", "a body", "of two lines"});
  top.endOfData();
  EXPECT_THAT(owner.log,
              ElementsAre("Subject=hello", "Content-Type=text/html; x=y", "TEXT/HTML 2", "end 0"));
  EXPECT_THAT(owner.bodies, ElementsAre("a body\r\nof two lines\r\n"));
}

TEST_F(EntityTest, FoldedLinesAreOneHeader) {
  feed({"A: b", "\tc", " d", "no colon here", ""});
  EXPECT_THAT(owner.log, ElementsAre("A=b\tc d", "TEXT/PLAIN 1"));
}

TEST_F(EntityTest, AFirstLineThatContinuesNothingIsTakenAsAHeader) {
  feed({"  A: b", ""});
  EXPECT_THAT(owner.log, Contains("A=b"));
  EXPECT_THAT(owner.problems, ElementsAre("first header line starts with linear whitespace"));
}

TEST_F(EntityTest, PartsAreEntitiesAndTheirLastLineEndIsTheDelimiters) {
  feed({"Content-Type: multipart/mixed; boundary=b", "", "ignored", "--b", "", "one", "--b",
        "Content-Type: multipart/alternative; boundary=\"c\\\"d\"", "", "--c\"d", "", "two",
        "--c\"d--", "--b--", "ignored"});
  top.endOfData();
  EXPECT_THAT(owner.bodies, ElementsAre("one", "two"));
  EXPECT_THAT(owner.problems, IsEmpty());
}

TEST_F(EntityTest, AMissingClosingDelimiterIsReported) {
  feed({"Content-Type: multipart/mixed; boundary=b", "", "--b", "", "one"});
  top.endOfData();
  EXPECT_THAT(owner.bodies, ElementsAre("one"));
  EXPECT_THAT(owner.problems, ElementsAre("multipart closing boundary delimiter missing"));
}

TEST_F(EntityTest, AMultipartTypeWithoutBoundaryIsPlainContents) {
  feed({"Content-Type: multipart/mixed", "", "--b"});
  top.endOfData();
  EXPECT_THAT(owner.bodies, ElementsAre("--b\r\n"));
  EXPECT_THAT(owner.problems, ElementsAre(HasSubstr("boundary delimiter is not specified")));
}

TEST_F(EntityTest, AMessageHoldsAnEntity) {
  feed({"Content-Type: message/rfc822", "", "Subject: inner", "", "body"});
  top.endOfData();
  EXPECT_THAT(owner.log, Contains("Subject=inner"));
  EXPECT_THAT(owner.bodies, ElementsAre("body\r\n"));
}

TEST_F(EntityTest, TransferEncodingsAreUndone) {
  feed({"Content-Type: multipart/mixed; boundary=b", "", "--b",
        "Content-Transfer-Encoding: quoted-printable", "", "a=3Db=", "c =zz ", "--b",
        "Content-Transfer-Encoding: BASE64", "", "aGVs", "bG8*", "--b--"});
  top.endOfData();
  EXPECT_THAT(owner.bodies, ElementsAre("a=bc =zz\r\n", "hello"));
  EXPECT_THAT(owner.problems, ElementsAre(HasSubstr("not followed by two hexadecimal digits")));
  EXPECT_THAT(owner.fake.weirds,
              ElementsAre(":base64_illegal_encoding character 42 ignored by Base64 decoding",
                          ":base64_illegal_encoding incomplete base64 group, padding with 6 bits "
                          "of 0"));
}

TEST_F(EntityTest, NestingHasALimit) {
  options().mimeMaxDepth = 3;
  for (int i = 0; i < 5; ++i) feed({"Content-Type: message/rfc822", ""});
  top.endOfData();
  options().mimeMaxDepth = 100;
  EXPECT_THAT(owner.fake.weirds, Contains("TEST:exceeded_mime_max_depth 3"));
  EXPECT_TRUE(owner.fake.limitReached);
}

TEST_F(EntityTest, HeadersHaveALimit) {
  options().mimeMaxHeaderBytes = 10;
  feed({"A: 23456789", " more", ""});
  options().mimeMaxHeaderBytes = 65536;
  EXPECT_THAT(owner.log, Contains("A=23456789"));
  EXPECT_THAT(owner.fake.weirds, ElementsAre("TEST:exceeded_mime_max_header_bytes 11"));
}

TEST(MimeText, TokensAndCommentsFollowTheRules) {
  EXPECT_EQ(skipBlanksAndComments(" (a (b) \\) c) x"), 14u);
  EXPECT_EQ(skipBlanksAndComments("(never closed"), 13u);
  EXPECT_EQ(token(" (c) abc;d")->text, "abc");
  EXPECT_FALSE(token(" ;;; "));
  auto pair = slashPair("text / html; q");
  EXPECT_EQ(pair->first, "text");
  EXPECT_EQ(pair->second, "html");
  EXPECT_FALSE(slashPair("text html"));
  EXPECT_EQ(parameterValue("\"a\\\"b\" rest")->text, "a\"b");
  EXPECT_FALSE(parameterValue("\"open"));
  EXPECT_EQ(parameterValue("=_a(b)", true)->text, "=_a(b)");
}

}  // namespace
}  // namespace bulkhead::analyzers::mime
