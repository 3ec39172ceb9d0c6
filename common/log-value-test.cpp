#include "common/log-value.h"

#include <gtest/gtest.h>

namespace bulkhead {
namespace {

using Kind = LogValue::Kind;

LogColumn column(Kind type, Kind element = Kind::unset) {
  LogColumn c;
  c.name = "x";
  c.type = type;
  c.elementType = element;
  return c;
}

TEST(LogValue, TypeTextNamesTheElementOfAContainer) {
  EXPECT_EQ(logTypeText(column(Kind::count)), "count");
  EXPECT_EQ(logTypeText(column(Kind::set, Kind::enumeration)), "set[enum]");
  EXPECT_EQ(logTypeText(column(Kind::vector, Kind::interval)), "vector[interval]");
}

TEST(LogValue, ARowConformsOnlyToColumnsOfItsTypes) {
  std::vector<LogColumn> columns{column(Kind::string), column(Kind::set, Kind::addr)};
  EXPECT_TRUE(conforms({LogValue::ofString("a"), LogValue::ofSet({})}, columns));
  EXPECT_TRUE(conforms({LogValue{}, LogValue{}}, columns));
  EXPECT_FALSE(conforms({LogValue::ofString("a")}, columns));
  EXPECT_FALSE(conforms({LogValue::ofCount(1), LogValue{}}, columns));
  EXPECT_FALSE(conforms({LogValue{}, LogValue::ofSet({LogValue::ofCount(1)})}, columns));
}

TEST(LogValue, AKindThatItsDataDoesNotHoldIsRefused) {
  LogValue lying{Kind::string, uint64_t{7}};
  EXPECT_FALSE(lying.wellFormed());
  EXPECT_FALSE(conforms({lying}, {column(Kind::string)}));
}

TEST(LogValue, AContainerInAContainerIsRefused) {
  LogValue nested = LogValue::ofVector({LogValue::ofVector({})});
  EXPECT_FALSE(conforms({nested}, {column(Kind::vector, Kind::vector)}));
}

TEST(LogNameRules, ApplyAsAFilterDoes) {
  LogNameRules rules{.exclude = {"secret"}, .renames = {{"a", "b"}}};
  EXPECT_EQ(rules.apply("a"), "b");
  EXPECT_EQ(rules.apply("x.y"), "x.y");
  EXPECT_EQ(rules.apply("secret"), "");
  rules.scopeSeparator = "__";
  EXPECT_EQ(rules.apply("x.y.z"), "x__y__z");
  rules.restricted = true;
  rules.include = {"x__y"};
  EXPECT_EQ(rules.apply("x.y"), "x__y");
  EXPECT_EQ(rules.apply("a"), "");
}

}  // namespace
}  // namespace bulkhead
