#include "host/supervisor/restart-plan.h"

#include <gtest/gtest.h>

namespace bulkhead::supervisor {
namespace {

TEST(RestartPlan, WaitsTwiceAsLongAfterEachEndAndThenGivesUp) {
  RestartPlan plan;
  EXPECT_EQ(plan.ended(0), 1);
  EXPECT_EQ(plan.ended(10), 2);
  EXPECT_EQ(plan.ended(20), 4);
  EXPECT_EQ(plan.ended(30), 8);
  EXPECT_FALSE(plan.isQuarantined());
  EXPECT_EQ(plan.ended(40), std::nullopt);
  EXPECT_TRUE(plan.isQuarantined());
}

TEST(RestartPlan, EndsOfLongAgoDoNotCount) {
  RestartPlan plan;
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(plan.ended(i * RestartPlan::window / 3)) << i;
  // The control: one more end within the window is one too many.
  plan.ended(33 * RestartPlan::window);
  EXPECT_FALSE(plan.ended(33 * RestartPlan::window));
}

TEST(RestartPlan, QuarantineIsForGood) {
  RestartPlan plan;
  for (int i = 0; i < 5; ++i) plan.ended(0);
  EXPECT_FALSE(plan.ended(100 * RestartPlan::window));
}

}  // namespace
}  // namespace bulkhead::supervisor
