#include "common/unique-id.h"

#include <gtest/gtest.h>
#include <numeric>

namespace bulkhead {
namespace {

TEST(UniqueId, SipHashGivesTheValueOfThePaper) {
  SipKey key;
  std::iota(key.begin(), key.end(), uint8_t{0});
  uint8_t message[15];
  std::iota(std::begin(message), std::end(message), uint8_t{0});
  EXPECT_EQ(sipHash24(key, message, sizeof message), 0xa129ca6149be45e5u);
}

std::string seedText() {
  std::string text;
  for (int i = 1; i <= 21; ++i) text += std::to_string(i * 1000003) + "\n";
  return text;
}

TEST(UniqueId, ASeedFileMustHaveExactly21Numbers) {
  EXPECT_TRUE(keyFromSeedFile(seedText()));
  EXPECT_FALSE(keyFromSeedFile(seedText() + "1\n"));
  EXPECT_FALSE(keyFromSeedFile("1\n2\n3\n"));
  EXPECT_FALSE(keyFromSeedFile(seedText().substr(2) + "x"));
  EXPECT_FALSE(keyFromSeedFile(""));
}

TEST(UniqueId, TheSameSeedRepeatsAndPoolsDiffer) {
  auto key = keyFromSeedFile(seedText());
  ASSERT_TRUE(key);
  UniqueIds one(*key, UniqueIds::Pool::connections), two(*key, UniqueIds::Pool::connections);
  UniqueIds scripts(*key, UniqueIds::Pool::scripts);
  EXPECT_EQ(one.next("C"), two.next("C"));
  auto second = one.next("C");
  EXPECT_EQ(second, two.next("C"));
  EXPECT_NE(second, one.next("C"));
  EXPECT_NE(UniqueIds(*key, UniqueIds::Pool::connections).next(""), scripts.next(""));
  EXPECT_EQ(second.front(), 'C');
}

TEST(UniqueId, TheWidthSaysHowManyDrawsAnIdentifierTakes) {
  UniqueIds one(UniqueIds::Pool::scripts), two(UniqueIds::Pool::scripts);
  // 64 bits are one draw; the second word is printed all the same.
  std::string first = one.next("", 64), second = one.next("", 64);
  EXPECT_EQ(first.back(), '0');
  EXPECT_EQ(second.back(), '0');
  first.pop_back();
  second.pop_back();
  EXPECT_EQ(two.next("", 1000), first + second) << "more than 128 bits are 128";
  EXPECT_EQ(two.next("x", 0), "x00");
}

TEST(UniqueId, Base62HasTheLeastSignificantDigitFirst) {
  EXPECT_EQ(base62(0), "0");
  EXPECT_EQ(base62(61), "Z");
  EXPECT_EQ(base62(62), "01");
  EXPECT_EQ(base62(62 * 62 + 10), "a01");
}

}  // namespace
}  // namespace bulkhead
