#include "host/flow/content-detection.h"

#include <gmock/gmock.h>

namespace bulkhead::flow {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Match = AnalyzerRow::Match;

Bytes bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// "ask" from the originator, "tell" from the responder.
Match matchTalk(bool isOrig, Bytes own, Bytes) {
  const std::string_view want = isOrig ? "ask" : "tell";
  const std::string_view have(reinterpret_cast<const char*>(own.data()), own.size());
  if (have.starts_with(want)) return Match::yes;
  return want.starts_with(have) ? Match::notYet : Match::no;
}

const AnalyzerRow talk{1, "TALK", Transport::tcp, {}, matchTalk, nullptr, {}};
const AnalyzerRow* const rows[] = {&talk};

TEST(ContentDetection, EachSideIsRecognisedOnceAndByItself) {
  ContentDetection detection(rows, 1024);
  EXPECT_THAT(detection.add(true, bytes("as")), IsEmpty());
  EXPECT_THAT(detection.add(true, bytes("k")), ElementsAre(&talk));
  EXPECT_THAT(detection.add(true, bytes("ask")), IsEmpty());
  EXPECT_FALSE(detection.over());
  EXPECT_THAT(detection.add(false, bytes("tell")), ElementsAre(&talk));
  EXPECT_TRUE(detection.over());
  // Everything since the beginning is there for an analyzer that begins now.
  EXPECT_EQ(detection.pieces().size(), 4u);
}

TEST(ContentDetection, AWrongRequestDoesNotHideARightReply) {
  ContentDetection detection(rows, 1024);
  EXPECT_THAT(detection.add(true, bytes("shout")), IsEmpty());
  EXPECT_THAT(detection.add(false, bytes("tell")), ElementsAre(&talk));
}

TEST(ContentDetection, ThePieceThatCrossesTheLimitIsTheLast) {
  ContentDetection detection(rows, 8);
  EXPECT_THAT(detection.add(true, bytes("shouting on")), IsEmpty());
  EXPECT_TRUE(detection.over());
  EXPECT_THAT(detection.add(false, bytes("tell")), IsEmpty());
}

TEST(ContentDetection, AFlipTakesTheBytesAlong) {
  ContentDetection detection(rows, 1024);
  EXPECT_THAT(detection.add(true, bytes("te")), IsEmpty());
  detection.turn();
  EXPECT_FALSE(detection.pieces().front().isOrig);
}

}  // namespace
}  // namespace bulkhead::flow
