#include "host/logging/layout.h"

#include <gtest/gtest.h>
#include <string>

namespace bulkhead::logging {
namespace {

LogColumn column(std::string name, LogColumnOrigin origin = LogColumnOrigin::base) {
  return {.name = std::move(name), .type = LogValue::Kind::string, .origin = origin};
}
constexpr auto package = LogColumnOrigin::package;

std::string names(const ColumnLayout& layout) {
  std::string out;
  for (const auto& each : layout.columns()) out += each.name + " ";
  return out;
}

TEST(ColumnLayout, PutsAPackageColumnBehindTheOneItFollowsInItsOwnRecord) {
  ColumnLayout layout({column("uid"), column("id.orig_h"), column("id.resp_h"), column("service")});
  layout.merge({column("uid"), column("id.orig_h"), column("id.resp_h"), column("id.vlan", package),
                column("service"), column("score", package)},
               1);
  EXPECT_EQ(names(layout), "uid id.orig_h id.resp_h id.vlan service score ");
}

TEST(ColumnLayout, PutsLaterPackagesBehindEarlierOnes) {
  ColumnLayout layout({column("uid"), column("service")});
  layout.merge({column("uid"), column("service"), column("a1", package), column("a2", package)}, 1);
  layout.merge({column("uid"), column("service"), column("b", package)}, 2);
  EXPECT_EQ(layout.owner(3), 1u);
  EXPECT_EQ(layout.owner(4), 2u);
  EXPECT_EQ(names(layout), "uid service a1 a2 b ");
}

TEST(ColumnLayout, KeepsWhatTheSiteLeftOutAway) {
  ColumnLayout layout({column("uid")});
  layout.merge({column("uid"), column("service"), column("x", package)}, 1);
  EXPECT_EQ(names(layout), "uid x ");
}

TEST(ColumnLayout, NamesAColumnThatTwoDeclareWithDifferentTypes) {
  ColumnLayout layout({column("uid")});
  LogColumn count = {.name = "x", .type = LogValue::Kind::count, .origin = package};
  layout.merge({column("uid"), column("x", package)}, 1);
  std::vector<std::string> conflicts;
  layout.merge({column("uid"), count}, 2, &conflicts);
  EXPECT_EQ(conflicts, std::vector<std::string>{"x"});
  EXPECT_FALSE(layout.mapping({count})[0]);
  EXPECT_EQ(layout.mapping({column("x", package)})[0], 1u);
}

}  // namespace
}  // namespace bulkhead::logging
