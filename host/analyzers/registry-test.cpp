#include "host/analyzers/registry.h"

#include "host/analyzers/options-by-name.h"
#include "host/analyzers/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::analyzers {
namespace {

using events::Value;
using testing::HasSubstr;

TEST(Registry, EveryRowCanBeMadeAndFound) {
  for (auto& row : registry()) {
    EXPECT_FALSE(row.name.empty());
    EXPECT_NE(row.make, nullptr);
    EXPECT_FALSE(row.events.empty());
    EXPECT_TRUE(row.match != nullptr || !row.ports.empty()) << row.name;
  }
}

TEST(OptionsByName, AreSetWithTheirOwnTypeOnly) {
  EXPECT_EQ(setOption("dns_max_queries", Value::count(7)), "");
  EXPECT_EQ(options().dnsMaxQueries, 7u);
  options() = {};
  EXPECT_THAT(setOption("dns_max_queries", Value::of(true)), HasSubstr("wrong type"));
  EXPECT_THAT(setOption("dns_max_queries", Value::count(uint64_t{1} << 40)),
              HasSubstr("wrong type"));
  EXPECT_THAT(setOption("no_such", Value::count(1)), HasSubstr("no such option"));
  EXPECT_THAT(setOption("http_entity_data_delivery_size", Value::count(0)),
              HasSubstr("at least 1"));
  EXPECT_FALSE(optionNames().empty());
}

}  // namespace
}  // namespace bulkhead::analyzers
