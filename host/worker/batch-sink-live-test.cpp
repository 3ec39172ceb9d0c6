#include "host/worker/fake-compartments.h"

namespace bulkhead::worker {
namespace {

struct LiveBench : Bench {
  LiveBench() {
    surroundings_.live = true;
    connection_.number = 1;
  }
  // Turns the event loop until nothing moves.
  void settle() {
    for (int i = 0; i < 20; ++i) {
      sink_.flush(true);
      io_.waitScope.poll();
    }
  }
};

TEST(LiveSink, ASlowCompartmentHoldsUpNobodyAndMissesWhatItHasNoRoomFor) {
  LiveBench bench;
  bench.surroundings_.maxQueueBytes = 2000;
  Behaviour site{.events = {"new_connection"}}, slow{.events = {"new_connection"}, .holds = true};
  auto& a = bench.attach(0, site);
  auto& b = bench.attach(1, slow);
  bench.sink_.start();
  std::vector<events::ConnectionState> connections(100);
  for (size_t i = 0; i < connections.size(); ++i) connections[i].number = i + 1;
  size_t next = 0;
  auto packet = [&]() {
    bench.packetOf(connections[next++]);
    bench.settle();
  };
  while (next < 50 && !b.suspended()) packet();
  ASSERT_TRUE(b.suspended());
  ASSERT_FALSE(a.suspended());
  const size_t got = next;
  packet();
  bench.sink_.forget(connections[0]);
  EXPECT_EQ(slow.forgotten.size(), 0u);

  bench.release(slow);
  bench.settle();
  EXPECT_FALSE(b.suspended());
  EXPECT_EQ(bench.log_.gaps, (std::vector<std::string>{"suspended until it has caught up: 1"}));
  // What began during the gap stays unknown to it; what begins now is whole.
  bench.packetOf(connections[got]);
  packet();
  bench.sink_.finish();
  EXPECT_EQ(slow.connections.size(), got + 1);
  EXPECT_EQ(slow.connections.back(), next);
  EXPECT_EQ(slow.forgotten, (std::vector<uint64_t>{1}));
  EXPECT_EQ(bench.delivered(a), next + 1);
  EXPECT_EQ(bench.delivered(b), got + 1);
  auto gaps = b.tally().gaps;
  ASSERT_EQ(gaps.size(), 2u);
  EXPECT_EQ(gaps[0].events, 1u);
  EXPECT_EQ(gaps[1].events, 1u);
  EXPECT_EQ(gaps[1].reason, "connections from before a gap");
}

TEST(LiveSink, APacketTimeAfterEventsOfTimersHasNotTheLastWord) {
  LiveBench bench;
  Behaviour site{.events = {"new_connection"}, .writesRows = true};
  auto& a = bench.attach(0, site);
  bench.sink_.start();
  a.setNextTimer(1);
  // As a timer of the worker raises it: before the packet's time, with a number after the packet's.
  bench.sink_.setClock(1000, 999);
  bench.sink_.raise(bench.event_, {Value::of(bench.connection_)});
  bench.sink_.drain();
  bench.settle();
  EXPECT_EQ(a.violation(), "");
  EXPECT_EQ(bench.log_.rows[0].size(), 1u);
  bench.sink_.finish();
}

TEST(LiveSink, TheControlWithRoomMissesNothing) {
  LiveBench bench;
  Behaviour site{.events = {"new_connection"}}, slow{.events = {"new_connection"}, .holds = true};
  bench.attach(0, site);
  auto& b = bench.attach(1, slow);
  bench.sink_.start();
  bench.packets(3);
  bench.settle();
  bench.release(slow);
  bench.settle();
  bench.sink_.finish();
  EXPECT_EQ(bench.delivered(b), 3u);
  EXPECT_TRUE(b.tally().gaps.empty());
}

TEST(LiveSink, AnAnswerThatDoesNotComeCostsOnlyTheStallBudget) {
  LiveBench bench;
  Behaviour site{.events = {"new_connection"}};
  Behaviour mute{.events = {"new_connection"}, .answers = {"f"}, .holds = true};
  bench.attach(0, site);
  auto& b = bench.attach(1, mute);
  Target target;
  bench.sink_.setAnswerTarget(&target);
  bench.sink_.start();
  bench.packets(2 * answerBudgetMs / answerPatienceMs);
  EXPECT_EQ(b.patienceMs(), 0u);
  bench.release(mute);
  bench.settle();
  // They are too late: the packets that they were about are over.
  EXPECT_TRUE(target.applied.empty());
  bench.sink_.finish();
}

TEST(LiveSink, AnAnswerInTimeIsApplied) {
  LiveBench bench;
  Behaviour site{.events = {"new_connection"}, .answers = {"f"}};
  bench.attach(0, site);
  Target target;
  bench.sink_.setAnswerTarget(&target);
  bench.sink_.start();
  bench.packets(1);
  EXPECT_EQ(target.applied, (std::vector<std::string>{"0:f(7)"}));
  bench.sink_.finish();
}

TEST(LiveSink, AnotherProcessOfACompartmentSeesWhatBeginsAfterItsStart) {
  LiveBench bench;
  Behaviour site{.events = {"new_connection"}}, first{.events = {"new_connection"}},
      second{.events = {"new_connection"}};
  bench.attach(0, site);
  auto& b = bench.attach(1, first);
  bench.sink_.start();
  std::vector<events::ConnectionState> connections(3);
  for (size_t i = 0; i < connections.size(); ++i) connections[i].number = i + 1;
  bench.packetOf(connections[0]);
  bench.settle();
  b.end("crashed");
  bench.packetOf(connections[1]);
  bench.settle();

  bench.attach(1, second, true);
  bench.settle();
  EXPECT_EQ(bench.log_.again, (std::vector<uint32_t>{1}));
  bench.packetOf(connections[0]);
  bench.packetOf(connections[2]);
  // It was never told of the first: it need not hear that it is gone.
  bench.sink_.forget(connections[0]);
  bench.settle();
  bench.sink_.finish();
  EXPECT_EQ(first.connections, (std::vector<uint64_t>{1}));
  EXPECT_EQ(second.connections, (std::vector<uint64_t>{3}));
  EXPECT_TRUE(second.forgotten.empty());
  capnp::MallocMessageBuilder message;
  auto list = message.initRoot<schemas::Result>().initSubscribers(2);
  bench.sink_.describe(list);
  EXPECT_EQ(list[1].getEvents(), 2u);
  EXPECT_EQ(list[1].getGenerated(), 3u);
}

TEST(LiveSink, OneThatHasNotEndedHasNoOtherProcess) {
  LiveBench bench;
  Behaviour site{.events = {}}, other{.events = {}};
  bench.attach(0, site);
  bench.sink_.start();
  EXPECT_ANY_THROW(bench.attach(0, other, true));
  bench.sink_.finish();
}

TEST(LiveSink, OnlyWhoHasATimerDueIsToldTheTime) {
  LiveBench bench;
  Behaviour site{.events = {}}, waits{.events = {}};
  bench.attach(0, site);
  auto& b = bench.attach(1, waits);
  bench.sink_.start();
  auto tick = [&](double now) {
    bench.sink_.setClock(now, 0);
    bench.sink_.drain();
    bench.settle();
  };
  b.setNextTimer(50);
  tick(49);
  EXPECT_EQ(waits.packetTimes, 0u);
  tick(50);
  EXPECT_EQ(waits.packetTimes, 1u);
  EXPECT_EQ(site.packetTimes, 0u);
  bench.sink_.tickAll();
  tick(51);
  EXPECT_EQ(site.packetTimes, 1u);
  bench.sink_.finish();
}

}  // namespace
}  // namespace bulkhead::worker
