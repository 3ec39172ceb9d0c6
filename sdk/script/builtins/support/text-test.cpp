#include "sdk/script/builtins/support/text.h"

#include "sdk/script/builtins/support/base64.h"
#include "sdk/script/builtins/support/escape.h"
#include "sdk/script/builtins/support/time-format.h"

#include <gtest/gtest.h>

namespace bulkhead::builtins {
namespace {

using namespace std::literals;

TEST(Text, EditDistanceCountsInsertionsDeletionsAndReplacements) {
  EXPECT_EQ(editDistance("kitten", "sitting"), 3u);
  EXPECT_EQ(editDistance("", "abc"), 3u);
  EXPECT_EQ(editDistance("same", "same"), 0u);
}

TEST(Text, EditDistanceRefusesWhatWouldTakeSeconds) {
  std::string just(30'000, 'a'), tooLong(40'000, 'b');
  EXPECT_EQ(editDistance(tooLong, just), std::nullopt);
}

TEST(Text, AnEraserRemovesTheCharacterBeforeIt) {
  EXPECT_EQ(applyEdits("hello there", 'e'), "llo t");
  EXPECT_EQ(applyEdits("eee", 'e'), "");
}

TEST(Text, StrippingLeavesInnerSpaces) {
  EXPECT_EQ(stripped("  a b\t\n"), "a b");
  EXPECT_EQ(stripped(" \t"), "");
  EXPECT_EQ(strippedLeft("xxaxx", "x"), "axx");
  EXPECT_EQ(strippedRight("xxaxx", "x"), "xxa");
}

TEST(Text, PrefixesAreRemovedAsOftenAsTheyRepeat) {
  EXPECT_EQ(withoutPrefix("banana", "ba"), "nana");
  EXPECT_EQ(withoutSuffix("banana", "na"), "ba");
  EXPECT_EQ(withoutSuffix("bantana", "an"), "bantana");
}

TEST(Text, FindPieceRespectsItsRange) {
  auto find = [](std::string_view piece, uint64_t start, int64_t length) {
    return findPiece("abcdefghi", piece, start, length, SearchFrom::left, CaseRule::sensitive);
  };
  EXPECT_EQ(find("abcd", 0, -1), 0);
  EXPECT_EQ(find("abcd", 1, -1), -1);
  EXPECT_EQ(find("abcd", 0, 2), -1);
  EXPECT_EQ(find("efg", 2, 6), 4);
  EXPECT_EQ(findPiece("aXbx", "X", 0, -1, SearchFrom::right, CaseRule::insensitive), 3);
}

TEST(Text, SplitAtSortsAndIgnoresPositionsOutside) {
  std::vector<uint64_t> cuts{4, 2, 99, 2};
  EXPECT_EQ(splitAt("abcdef", cuts), (std::vector{"ab"sv, "cd"sv, "ef"sv}));
  EXPECT_TRUE(splitAt("abcdef", {}).empty());
}

TEST(Text, FilledStringEndsInNul) {
  EXPECT_EQ(filledString(5, "ab"), "abab\0"s);
  EXPECT_EQ(filledString(0, "ab"), "");
  EXPECT_EQ(filledString(3, ""), std::string(3, '\0'));
}

TEST(Text, TitleCaseTouchesFirstLettersOnly) {
  EXPECT_EQ(titleCase("  a neat iDS"), "  A Neat IDS");
}

TEST(Escape, BytesOutsideAsciiBecomeHex) {
  EXPECT_EQ(escapeBytes("a\\\x01\xff'", BackslashStyle::doubled, QuoteStyle::keep),
            "a\\\\\\x01\\xff'");
  EXPECT_EQ(escapeBytes("'\"", BackslashStyle::keep, QuoteStyle::backslashed), "\\'\\\"");
}

TEST(Escape, HexDumpAlignsTheTextOfAShortLine) {
  EXPECT_EQ(hexDump("abc\xff"
                    "defghijklmnopqrstuvwxyz"),
            "0000  61 62 63 ff 64 65 66 67  68 69 6a 6b 6c 6d 6e 6f  abc.defg hijklmno\n"
            "0010  70 71 72 73 74 75 76 77  78 79 7a                 pqrstuvw xyz\n");
}

TEST(Escape, HexReadsBack) {
  EXPECT_EQ(bytesOfHex(hexDigits("\x00\xab z"sv)), "\x00\xab z"s);
  EXPECT_EQ(bytesOfHex("abc"), std::nullopt);
  EXPECT_EQ(bytesOfHex("zz"), std::nullopt);
}

TEST(Escape, AUuidReadsItsFirstGroupsLittleEndian) {
  EXPECT_EQ(uuidText("\xfe\x80\x3b\x40\xed\x78\x2d\x10\x8d\x68\x13\x59\x5b\x1c\x45\x68"),
            "403b80fe-78ed-102d-8d68-13595b1c4568");
  EXPECT_EQ(uuidText("short"), std::nullopt);
}

TEST(Escape, UriEscapesResolveAndMalformedOnesStay) {
  EXPECT_EQ(unescapeUri("a%20b%u0041%"), "a bA%");
  EXPECT_EQ(unescapeUri("%zz%4"), "%zz%4");
  EXPECT_EQ(unescapeUri("%%41"), "A");
}

TEST(Escape, PathsLoseTheirDetours) {
  EXPECT_EQ(compressPath("./../foo"), "../foo");
  EXPECT_EQ(compressPath("././../foo"), "../foo");
  EXPECT_EQ(compressPath("foo/bar/../baz"), "foo/baz");
  EXPECT_EQ(compressPath("./foo/./bar"), "./foo/bar");
  EXPECT_EQ(compressPath("a/b/c/../../d"), "a/d");
  EXPECT_EQ(compressPath("/a//b/"), "/a/b");
}

TEST(Escape, FileModesShowTheSpecialBits) {
  EXPECT_EQ(fileModeText(0644), "rw-r--r--");
  EXPECT_EQ(fileModeText(07777), "rwsrwsrwt");
  EXPECT_EQ(fileModeText(07000), "--S--S--T");
}

TEST(Base64, RoundTripsEveryLength) {
  for (std::string bytes; bytes.size() < 9; bytes += static_cast<char>(250 + bytes.size()))
    EXPECT_EQ(decodeBase64(encodeBase64(bytes)).bytes, bytes);
}

TEST(Base64, AMissingPaddingIsRepairedAndSaid) {
  auto result = decodeBase64("YQ");
  EXPECT_EQ(result.bytes, "a");
  EXPECT_EQ(result.complaint, "incomplete base64 group, padding with 12 bits of 0");
}

TEST(Base64, IllegalCharactersAndTrailingGroupsAreRefused) {
  EXPECT_EQ(decodeBase64("kB1ut^==").complaint, "character 94 ignored by Base64 decoding");
  EXPECT_FALSE(decodeBase64("YQ==YQ==").bytes);
}

TEST(Base64, AnAlphabetOfOnesOwnIsUsedBothWays) {
  std::string own = "n3-?0123456789+/abcdefghijklmopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVW";
  EXPECT_EQ(decodeBase64(encodeBase64("bulkhead", own), own).bytes, "bulkhead");
  EXPECT_NE(encodeBase64("bulkhead", own), encodeBase64("bulkhead"));
}

TEST(TimeFormat, ATooLongResultIsNoResult) {
  EXPECT_EQ(formatTime(std::string(200, 'x'), 0), std::nullopt);
  EXPECT_EQ(formatTime("%Y", 1e9), "2001");
}

TEST(TimeFormat, ParsedTimesReadBack) {
  auto parsed = parseTime("%Y-%m-%d-%H-%M-%S", "1980-10-24-23-45-00");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(formatTime("%Y-%m-%d-%H-%M-%S", *parsed), "1980-10-24-23-45-00");
  EXPECT_EQ(parseTime("%Y", "nonsense"), std::nullopt);
}

TEST(TimeFormat, RotationWithoutBaseRoundsUpToTheInterval) {
  EXPECT_DOUBLE_EQ(untilNextRotation(1000, 300, std::nullopt), 200);
}

}  // namespace
}  // namespace bulkhead::builtins
