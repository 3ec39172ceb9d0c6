#include "host/supervisor/restart-plan.h"

#include <gtest/gtest.h>

namespace bulkhead::supervisor {
namespace {

TEST(RestartPlan, WaitsTwiceAsLongAfterEachEndAndThenGivesUp) {
  RestartPlan plan;
  EXPECT_EQ(plan.ended(0, {}), 1);
  EXPECT_EQ(plan.ended(10, {}), 2);
  EXPECT_EQ(plan.ended(20, {}), 4);
  EXPECT_EQ(plan.ended(30, {}), 8);
  EXPECT_FALSE(plan.isQuarantined());
  EXPECT_EQ(plan.ended(40, {}), std::nullopt);
  EXPECT_TRUE(plan.isQuarantined());
}

TEST(RestartPlan, EndsOfLongAgoDoNotCount) {
  const RestartLimits limits{.window = 60};
  RestartPlan plan;
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(plan.ended(i * 20.0, limits)) << i;
  // The control: one more end within the window is one too many.
  plan.ended(33 * 60.0, limits);
  EXPECT_FALSE(plan.ended(33 * 60.0, limits));
}

TEST(RestartPlan, QuarantineIsForGood) {
  RestartPlan plan;
  for (int i = 0; i < 5; ++i) plan.ended(0, {});
  EXPECT_FALSE(plan.ended(100'000, {}));
}

TEST(RestartPlan, WithoutAMostItIsStartedForEverButNeverLaterThanTheLongestDelay) {
  const RestartLimits limits{.firstDelay = 2, .longestDelay = 10, .mostEnds = 0};
  RestartPlan plan;
  EXPECT_EQ(plan.ended(0, limits), 2);
  EXPECT_EQ(plan.ended(0, limits), 4);
  EXPECT_EQ(plan.ended(0, limits), 8);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(plan.ended(0, limits), 10);
  EXPECT_EQ(plan.ended(10'000, limits), 2);
}

TEST(RestartPlan, AMostOfOneIsQuarantineAtTheFirstEnd) {
  RestartPlan plan;
  EXPECT_EQ(plan.ended(0, {.mostEnds = 1}), std::nullopt);
}

}  // namespace
}  // namespace bulkhead::supervisor
