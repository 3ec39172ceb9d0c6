#include "sdk/script/builtins/support/bloom-filter.h"
#include "sdk/script/builtins/support/community-id.h"
#include "sdk/script/builtins/support/digest.h"
#include "sdk/script/builtins/support/entropy.h"
#include "sdk/script/builtins/support/escape.h"
#include "sdk/script/builtins/support/hyper-log-log.h"
#include "sdk/script/builtins/support/json.h"
#include "sdk/script/builtins/support/paraglob.h"
#include "sdk/script/builtins/support/top-k.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

namespace bulkhead::builtins {
namespace {

TEST(Digest, KnownAnswers) {
  EXPECT_EQ(hexDigits(digestOf(DigestKind::md5, "one")), "f97c5d29941bfb1b2fdab0874906ab82");
  EXPECT_EQ(hexDigits(digestOf(DigestKind::sha1, "abc")),
            "a9993e364706816aba3e25717850c26c9cd0d89d");
  RunningDigest running(DigestKind::sha256);
  running.update("a");
  running.update("bc");
  EXPECT_EQ(running.current(), digestOf(DigestKind::sha256, "abc"));
}

TEST(Digest, AskingDoesNotEndARunningDigest) {
  RunningDigest running(DigestKind::md5);
  running.update("o");
  running.current();
  running.update("ne");
  EXPECT_EQ(running.current(), digestOf(DigestKind::md5, "one"));
}

TEST(Digest, SipHashMatchesTheReferenceVectors) {
  SipKey key{0x0706050403020100, 0x0f0e0d0c0b0a0908};
  std::string input;
  EXPECT_EQ(sipHash(key, input), 0x726fdb47dd0e0e31u);
  for (int i = 0; i < 15; ++i) input += static_cast<char>(i);
  EXPECT_EQ(sipHash(key, input), 0xa129ca6149be45e5u);
}

TEST(Digest, FnvMatchesItsPublishedValues) {
  EXPECT_EQ(fnv1a32("a"), 0xe40c292cu);
  EXPECT_EQ(fnv1a64("a"), 0xaf63dc4c8601ec8cu);
}

TEST(BloomFilter, FindsEveryElementThatWasAdded) {
  auto filter = *BloomFilter::basic(5, 10'000, bloomSeed("x"));
  for (int i = 0; i < 500; ++i) filter.add("element" + std::to_string(i));
  int falsePositives = 0;
  for (int i = 0; i < 500; ++i) {
    EXPECT_EQ(filter.count("element" + std::to_string(i)), 1u);
    falsePositives += static_cast<int>(filter.count("other" + std::to_string(i)));
  }
  EXPECT_LT(falsePositives, 10);
}

TEST(BloomFilter, CountsSaturateAtTheirWidth) {
  auto filter = *BloomFilter::counting(3, 32, 3, bloomSeed("x"));
  for (int i = 0; i < 9; ++i) filter.add("a");
  EXPECT_EQ(filter.count("a"), 3u);
  EXPECT_TRUE(filter.remove("a"));
  EXPECT_EQ(filter.count("a"), 2u);
  EXPECT_FALSE(filter.remove("never added and unlikely to collide"));
}

TEST(BloomFilter, CellsMayCrossWords) {
  auto filter = *BloomFilter::counting(1, 1000, 100, bloomSeed("y"));
  for (int i = 0; i < 300; ++i) filter.add(std::to_string(i));
  for (int i = 0; i < 300; ++i) EXPECT_GE(filter.count(std::to_string(i)), 1u);
}

TEST(BloomFilter, MergingNeedsOneShape) {
  auto a = *BloomFilter::basic(2, 100, bloomSeed("x"));
  auto b = *BloomFilter::basic(2, 100, bloomSeed("x"));
  a.add("a");
  b.add("b");
  ASSERT_TRUE(a.compatible(b));
  EXPECT_EQ(a.merged(b).count("a"), 1u);
  EXPECT_EQ(a.merged(b).count("b"), 1u);
  EXPECT_EQ(a.intersected(a).count("a"), 1u);
  EXPECT_FALSE(a.compatible(*BloomFilter::basic(2, 100, bloomSeed("other"))));
}

TEST(BloomFilter, SizesBeyondTheLimitAreRefused) {
  EXPECT_FALSE(BloomFilter::basic(1, maxBloomBits + 1, {}));
  EXPECT_FALSE(BloomFilter::basic(0, 10, {}));
  EXPECT_FALSE(BloomFilter::counting(1, maxBloomBits, 3, {}));
  EXPECT_GT(BloomFilter::optimalCells(0.0, 10), maxBloomBits);
}

TEST(HyperLogLog, EstimatesWithinItsError) {
  auto counter = *HyperLogLog::create(0.01, 0.95);
  for (uint64_t i = 0; i < 100'000; ++i)
    counter.add(sipHash({1, 2}, {reinterpret_cast<const char*>(&i), sizeof i}));
  EXPECT_NEAR(counter.estimate(), 100'000, 2'000);
}

TEST(HyperLogLog, MergingIsCountingTheUnion) {
  auto a = *HyperLogLog::create(0.01, 0.95), b = a;
  for (uint64_t i = 0; i < 2000; ++i)
    (i % 2 ? a : b).add(sipHash({1, 2}, {reinterpret_cast<const char*>(&i), sizeof i}));
  EXPECT_TRUE(a.merge(b));
  EXPECT_NEAR(a.estimate(), 2000, 40);
  EXPECT_FALSE(a.merge(*HyperLogLog::create(0.1, 0.9)));
}

TEST(HyperLogLog, AnErrorThatNeedsTooMuchMemoryIsRefused) {
  EXPECT_FALSE(HyperLogLog::create(0.00001, 0.99));
  EXPECT_FALSE(HyperLogLog::create(0, 0.9));
}

TEST(TopK, KeepsTheFrequentAndBoundsTheError) {
  TopK top(3);
  for (const char* word : {"a", "b", "b", "c", "c", "c", "d"}) top.add(word);
  EXPECT_EQ(top.top(1), (std::vector<std::string_view>{"c"}));
  EXPECT_EQ(top.find("a"), std::nullopt);  // evicted by d, which inherits its count
  ASSERT_TRUE(top.find("d"));
  EXPECT_EQ(top.find("d")->count, 2u);
  EXPECT_EQ(top.find("d")->epsilon, 1u);
  EXPECT_EQ(top.sum(), 7u);
}

TEST(TopK, TopReturnsWholeBuckets) {
  TopK top(5);
  for (const char* word : {"x", "y", "z"}) top.add(word);
  EXPECT_EQ(top.top(1).size(), 3u);
}

TEST(TopK, MergePrunesTheSmallest) {
  TopK a(2), b(2);
  for (const char* word : {"a", "a", "b"}) a.add(word);
  for (const char* word : {"c", "c", "c", "a"}) b.add(word);
  a.merge(b, TopK::Pruning::yes);
  EXPECT_EQ(a.find("a")->count, 3u);
  EXPECT_EQ(a.find("c")->count, 3u);
  EXPECT_FALSE(a.find("b"));
  EXPECT_TRUE(a.pruned());
}

TEST(Entropy, EqualFrequenciesGiveEightBits) {
  EntropyTest test;
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  test.add(all);
  auto result = test.result();
  EXPECT_DOUBLE_EQ(result.entropy, 8);
  EXPECT_DOUBLE_EQ(result.mean, 127.5);
  EXPECT_DOUBLE_EQ(result.chiSquare, 0);
}

TEST(Entropy, AConstantStreamHasNone) {
  EntropyTest test;
  test.add("aaaaaaa");
  EXPECT_EQ(test.result().entropy, 0);
  EXPECT_EQ(test.result().serialCorrelation, -100000);
}

TEST(Paraglob, ReportsEveryPatternThatMatches) {
  Paraglob globs({"*", "d?g", "*og", "d?", "d[!wl]g", "[ab]*", "*og"});
  EXPECT_EQ(globs.matches("dog"),
            (std::vector<std::string_view>{"d?g", "d[!wl]g", "d?g", "d[!wl]g", "*og", "*"}));
  EXPECT_EQ(globs.size(), 6u);
}

TEST(Paraglob, OverlappingFixedPartsAreAllFound) {
  Paraglob globs({"*he*", "*she*", "*hers", "*his*"});
  EXPECT_EQ(globs.matches("ushers"), (std::vector<std::string_view>{"*he*", "*she*", "*hers"}));
}

TEST(Paraglob, OrderDoesNotTellParaglobsApart) {
  EXPECT_EQ(Paraglob({"a", "b"}), Paraglob({"b", "a", "b"}));
  EXPECT_FALSE(Paraglob({"a", "b"}) == Paraglob({"a"}));
}

TEST(Paraglob, RepetitionHasAnEndAndNoGlobIsLostForIt) {
  auto times = [](const std::vector<std::string_view>& told, std::string_view glob) {
    return std::ranges::count(told, glob);
  };
  Paraglob globs({"*a*", "*b*", "*c*"});
  std::string text;
  for (size_t i = 0; i < Paraglob::maxRepeated / 2; ++i) text += "ab";
  EXPECT_EQ(times(globs.matches(text), "*a*"), static_cast<ptrdiff_t>(Paraglob::maxRepeated / 2));
  auto more = globs.matches(text + "ababc");
  EXPECT_EQ(times(more, "*a*"), static_cast<ptrdiff_t>(Paraglob::maxRepeated / 2));
  EXPECT_EQ(times(more, "*c*"), 1);
  EXPECT_EQ(more.size(), Paraglob::maxRepeated + 1);
}

TEST(Paraglob, ManyStarsDoNotExplode) {
  std::string glob, text(5000, 'a');
  for (int i = 0; i < 500; ++i) glob += "*a";
  EXPECT_FALSE(globMatches(glob + "b", text));
}

TEST(Paraglob, AnUnclosedBracketIsOrdinary) {
  EXPECT_TRUE(globMatches("a[b", "a[b"));
  EXPECT_TRUE(globMatches("[]]", "]"));
  EXPECT_TRUE(globMatches("\\*", "*"));
  EXPECT_FALSE(globMatches("\\*", "x"));
}

TEST(CommunityId, MatchesTheSpecificationsExamples) {
  CommunityIdFlow flow{*IpAddr::parse("1.2.3.4"), *IpAddr::parse("5.6.7.8"), 1122, 3344, 6, 0};
  EXPECT_EQ(communityIdV1(flow, CommunityIdForm::base64), "1:wCb3OG7yAFWelaUydu0D+125CLM=");
  CommunityIdFlow reverse{flow.destination, flow.source, 3344, 1122, 6, 0};
  EXPECT_EQ(communityIdV1(reverse, CommunityIdForm::base64), "1:wCb3OG7yAFWelaUydu0D+125CLM=");
  flow.seed = 1;
  EXPECT_EQ(communityIdV1(flow, CommunityIdForm::base64), "1:HhA1B+6CoLbiKPEs5nhNYN4XWfk=");
  CommunityIdFlow ping{*IpAddr::parse("1.2.3.4"), *IpAddr::parse("5.6.7.8"), 8, 0, 1, 0};
  EXPECT_EQ(communityIdV1(ping, CommunityIdForm::base64), "1:crodRHL2FEsHjbv3UkRrfbs4bZ0=");
  CommunityIdFlow other{*IpAddr::parse("1.2.3.4"), *IpAddr::parse("5.6.7.8"), 0, 0, 10, 0};
  EXPECT_EQ(communityIdV1(other, CommunityIdForm::base64), "1:7bYuQ7nyGBIQn7uDcQ5WraAnhWI=");
}

TEST(Json, RealsUseTheShortestDigits) {
  EXPECT_EQ(jsonRealText(3.14), "3.14");
  EXPECT_EQ(jsonRealText(1e20), "100000000000000000000.0");
  EXPECT_EQ(jsonRealText(1e22), "1e22");
  EXPECT_EQ(jsonRealText(-0.000123), "-0.000123");
  EXPECT_EQ(jsonRealText(1.5e-7), "1.5e-7");
  EXPECT_EQ(jsonRealText(1362692526.869344), "1362692526.869344");
  EXPECT_EQ(jsonRealText(0), "0.0");
  EXPECT_EQ(jsonRealText(std::nan("")), "null");
}

TEST(Json, OneBadByteEscapesAllNonAscii) {
  EXPECT_EQ(printableUtf8("\xc3\xb1\n"), "\xc3\xb1\n");
  EXPECT_EQ(printableUtf8("\xc3\xb1\xff"), "\\xc3\\xb1\\xff");
  EXPECT_EQ(printableUtf8("\xed\xa0\xa1"), "\\xed\\xa0\\xa1");
}

TEST(Json, TheParserKeepsWhatKindANumberIs) {
  auto parsed = parseJson(R"({"a":[1,-2,3.0,1e2,"x\u00e9\ud83d\ude00"],"b":null})");
  ASSERT_TRUE(parsed.value) << parsed.error;
  const auto& items = parsed.value->member("a")->items;
  EXPECT_EQ(items[0].kind, JsonValue::Kind::count);
  EXPECT_EQ(items[1].integer, -2);
  EXPECT_EQ(items[2].kind, JsonValue::Kind::real);
  EXPECT_EQ(items[3].real, 100);
  EXPECT_EQ(items[4].text, "x\xc3\xa9\xf0\x9f\x98\x80");
  EXPECT_EQ(parsed.value->member("b")->kindName(), "null");
}

TEST(Json, BadTextNamesWhatIsWrong) {
  EXPECT_EQ(parseJson("{\"hel").error, "Missing a closing quotation mark in string.");
  EXPECT_EQ(parseJson("").error, "The document is empty.");
  EXPECT_FALSE(parseJson("[1 2]").value);
  EXPECT_FALSE(parseJson("[1] x").value);
  EXPECT_FALSE(parseJson("\"\\ud800\"").value);
}

TEST(Json, NestingIsBounded) {
  std::string fits(maxJsonDepth, '['), tooDeep(maxJsonDepth + 1, '[');
  fits += std::string(maxJsonDepth, ']');
  EXPECT_TRUE(parseJson(fits).value);
  EXPECT_EQ(parseJson(tooDeep + std::string(maxJsonDepth + 1, ']')).error, "Nested too deeply.");
}

}  // namespace
}  // namespace bulkhead::builtins
