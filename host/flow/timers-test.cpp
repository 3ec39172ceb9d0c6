#include "host/flow/timers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>

namespace bulkhead::flow {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Recorder : TimerClient {
  std::vector<uint32_t> fired;
  std::function<void(uint32_t)> then;
  void timerDue(uint32_t kind, double) override {
    fired.push_back(kind);
    if (then) then(kind);
  }
};

constexpr size_t all = SIZE_MAX;

TEST(Timers, FireEarliestFirstAndOnlyWhenDue) {
  TimerQueue queue;
  Recorder client;
  TimerGroup group(queue, client);
  group.add(3, 30);
  group.add(1, 10);
  group.add(2, 20);
  std::vector<double> due;
  queue.advance(2, all, [&](double d) { due.push_back(d); });
  EXPECT_THAT(client.fired, ElementsAre(10, 20));
  EXPECT_THAT(due, ElementsAre(1, 2));
  EXPECT_EQ(queue.next(), 3);
}

TEST(Timers, AtMostTheAllowedNumberFiresAtOnce) {
  TimerQueue queue;
  Recorder client;
  TimerGroup group(queue, client);
  for (uint32_t i = 0; i < 5; ++i) group.add(i, i);
  EXPECT_EQ(queue.advance(10, 2, {}), 2u);
  EXPECT_THAT(client.fired, ElementsAre(0, 1));
}

TEST(Timers, ADestroyedGroupFiresNothing) {
  TimerQueue queue;
  Recorder client;
  {
    TimerGroup group(queue, client);
    for (uint32_t i = 0; i < 100; ++i) group.add(100 - i, i);
  }
  EXPECT_EQ(queue.size(), 0u);
  queue.advance(1000, all, {});
  EXPECT_THAT(client.fired, IsEmpty());
}

TEST(Timers, CancellingOneKindLeavesTheOthers) {
  TimerQueue queue;
  Recorder client;
  TimerGroup group(queue, client);
  group.add(1, 1);
  group.add(2, 2);
  group.add(3, 3);
  group.cancel(2);
  group.cancel(7);
  EXPECT_FALSE(group.pending(2));
  queue.advance(9, all, {});
  EXPECT_THAT(client.fired, ElementsAre(1, 3));
}

TEST(Timers, AClientMayAddAndCancelWhileFiring) {
  TimerQueue queue;
  Recorder client;
  TimerGroup group(queue, client);
  client.then = [&](uint32_t kind) {
    if (kind == 1) {
      group.add(5, 5);
      group.cancel(2);
    }
  };
  group.add(1, 1);
  group.add(2, 2);
  queue.advance(9, all, {});
  EXPECT_THAT(client.fired, ElementsAre(1, 5));
}

TEST(Timers, AtTheEndOnlyThoseThatAskedFire) {
  TimerQueue queue;
  Recorder client;
  TimerGroup group(queue, client);
  group.add(9, 9, AtEnd::fire);
  group.add(4, 4, AtEnd::drop);
  group.add(5, 5, AtEnd::fire);
  queue.expireAll(1, {});
  EXPECT_THAT(client.fired, ElementsAre(5, 9));
  EXPECT_EQ(queue.size(), 0u);
}

TEST(Timers, StayInOrderThroughManyAdditionsAndRemovals) {
  TimerQueue queue;
  Recorder client;
  std::vector<std::unique_ptr<TimerGroup>> groups;
  uint32_t state = 1;
  for (int i = 0; i < 2000; ++i) {
    state = state * 1664525 + 1013904223;
    groups.push_back(std::make_unique<TimerGroup>(queue, client));
    groups.back()->add(state >> 16, state >> 16);
    if (i % 3 == 0) groups.erase(groups.begin() + static_cast<long>(groups.size() / 2));
  }
  queue.advance(1e9, all, {});
  EXPECT_EQ(client.fired.size(), groups.size());
  EXPECT_TRUE(std::is_sorted(client.fired.begin(), client.fired.end()));
}

}  // namespace
}  // namespace bulkhead::flow
