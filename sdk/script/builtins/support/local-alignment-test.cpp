#include "sdk/script/builtins/support/local-alignment.h"

#include <gtest/gtest.h>
#include <string>

namespace bulkhead::builtins {
namespace {

// "text@first/second", with a '+' before it if an alignment begins there.
std::string shown(std::string_view a, std::string_view b, size_t shortest, Alignments which) {
  std::string out;
  const auto parts = localAlignments(a, b, shortest, which).value_or(std::vector<CommonPart>());
  for (const CommonPart& part : parts) {
    EXPECT_EQ(a.substr(part.first, part.length), b.substr(part.second, part.length));
    out += (part.begins ? " +" : " ") + std::string(a.substr(part.first, part.length)) + "@" +
           std::to_string(part.first) + "/" + std::to_string(part.second);
  }
  return out;
}

TEST(LocalAlignment, FindsTheBestPlaceOnly) {
  EXPECT_EQ(shown("one GET two", "GE GET", 2, Alignments::best), " + GET@3/2");
  EXPECT_EQ(shown("abc", "xyz", 1, Alignments::best), "");
  EXPECT_EQ(shown("", "xyz", 1, Alignments::all), "");
}

TEST(LocalAlignment, GapsJoinPartsIntoOneAlignment) {
  EXPECT_EQ(shown("--headXbody--", "==headbody==", 2, Alignments::best), " +head@2/2 body@7/6");
  // The gap costs more than what is behind it would bring.
  EXPECT_EQ(shown("head--------body", "headbody", 2, Alignments::all), " +head@0/0 +body@12/4");
}

TEST(LocalAlignment, PartsThatAreTooShortAreLeftOut) {
  EXPECT_EQ(shown("abcd", "abcd", 4, Alignments::all), " +abcd@0/0");
  EXPECT_EQ(shown("abcd", "abcd", 5, Alignments::all), "");
  EXPECT_EQ(shown("longerXab", "longerYab", 3, Alignments::all), " +longer@0/0");
  EXPECT_EQ(shown("a", "a", 0, Alignments::all), " +a@0/0");
}

TEST(LocalAlignment, APlaceMayResembleSeveral) {
  EXPECT_EQ(shown("AAA", "AAA-AAA", 2, Alignments::all), " +AAA@0/0 +AAA@0/4");
  EXPECT_EQ(shown("AAA-AAA", "AAA", 2, Alignments::all), " +AAA@0/0 +AAA@4/0");
}

TEST(LocalAlignment, TextsThatAreTooLongTogetherAreRefused) {
  std::string a(maxAlignmentCells / 4, 'a');
  EXPECT_EQ(localAlignments(a, "bbbb", 1, Alignments::all)->size(), 0u);
  EXPECT_FALSE(localAlignments(a, "bbbbb", 1, Alignments::all).has_value());
}

}  // namespace
}  // namespace bulkhead::builtins
