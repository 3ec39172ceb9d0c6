#include "host/worker/fake-compartments.h"

namespace bulkhead::worker {
namespace {

TEST(BatchSink, EveryEventArrivesOnceWithItsDrainPointAndIsMarked) {
  Bench bench;
  Behaviour site{.events = {"new_connection"}}, package{.events = {"new_connection"}};
  auto& a = bench.attach(0, site);
  auto& b = bench.attach(1, package);
  bench.sink_.start();
  EXPECT_TRUE(bench.sink_.wants(bench.event_));
  bench.packets(5000);
  bench.sink_.endOfTrace();
  bench.sink_.finish();
  EXPECT_EQ(bench.delivered(a), 5000u);
  EXPECT_EQ(bench.delivered(b), 5000u);
  EXPECT_EQ(site.items, 5001u);
  EXPECT_EQ(site.groups, 5001u);
  EXPECT_EQ(site.packetTimes, 5000u);
  EXPECT_LE(site.maxItems, maxItems);
  EXPECT_EQ(bench.log_.marks[0], bench.sink_.seq());
  EXPECT_EQ(bench.log_.marks[1], bench.sink_.seq());
}

TEST(BatchSink, AGroupLongerThanABatchIsSplitAndDrainsOnce) {
  Bench bench;
  Behaviour site{.events = {"new_connection"}};
  auto& a = bench.attach(0, site);
  bench.sink_.start();
  bench.sink_.setClock(1000, 0);
  for (size_t i = 0; i < 2 * maxItems; ++i) {
    bench.sink_.raise(bench.event_, {Value::of(bench.connection_)});
  }
  bench.sink_.drain();
  bench.sink_.finish();
  EXPECT_EQ(bench.delivered(a), 2 * maxItems);
  EXPECT_EQ(site.groups, 1u);
  EXPECT_EQ(site.maxItems, maxItems);
}

TEST(BatchSink, AnEventThatNobodyDemandsIsNotWanted) {
  Bench bench;
  Behaviour site{.events = {"new_connection"}};
  bench.attach(0, site);
  bench.sink_.start();
  EXPECT_FALSE(bench.sink_.wants(eventNamed("connection_state_remove")));
}

TEST(BatchSink, RowsReachTheLoggerBeforeTheMarkThatCoversThem) {
  Bench bench;
  Behaviour site{.events = {"new_connection"}},
      package{.events = {"new_connection"}, .writesRows = true};
  bench.attach(0, site);
  bench.attach(1, package);
  bench.sink_.start();
  bench.packets(3000);
  bench.sink_.finish();
  EXPECT_EQ(bench.log_.rows[1].size(), 3000u);
  EXPECT_LT(bench.log_.rowCalls, 30u);  // gathered, not one by one
  EXPECT_TRUE(bench.log_.settled);
}

TEST(BatchSink, AnswersAreAppliedAtTheDrainSiteFirst) {
  Bench bench;
  Target target;
  bench.sink_.setAnswerTarget(&target);
  Behaviour site{.events = {"new_connection"}, .answers = {"site"}};
  Behaviour package{.events = {"new_connection"}, .answers = {"package"}};
  bench.attach(0, site);
  bench.attach(1, package);
  bench.sink_.start();
  bench.packets(1);
  EXPECT_EQ(target.applied, (std::vector<std::string>{"0:site(7)", "1:package(7)"}));
}

TEST(BatchSink, AnswersThatMayComeLaterAreWaitedForTogetherOnceTraceTimeHasGoneOn) {
  Bench bench;
  Target target;
  bench.sink_.setAnswerTarget(&target);
  Behaviour site{
      .events = {"new_connection"}, .answers = {"late"}, .laterAnswering = {"new_connection"}};
  bench.attach(0, site);
  bench.sink_.start();
  auto packetAt = [&](double time) {
    bench.sink_.setClock(time, 0);
    auto before = target.applied.size();
    bench.sink_.raise(bench.event_, {Value::of(bench.connection_)});
    bench.sink_.drain();
    EXPECT_EQ(target.applied.size(), before);  // no drain waits
  };
  for (int i = 0; i < 10; ++i) packetAt(1000 + i * answerLag / 16);
  EXPECT_EQ(site.batches, 0u);
  // The packet that is late enough finds them applied before its timers could fire.
  bench.sink_.setClock(1000 + answerLag, 0);
  EXPECT_EQ(site.items, 10u);
  EXPECT_EQ(target.applied, std::vector<std::string>{"0:late(7)"});
  bench.sink_.drain();
  packetAt(1000 + 3 * answerLag);
  packetAt(1000 + 3.9 * answerLag);
  EXPECT_EQ(site.batches, 1u);
  bench.sink_.endOfTrace();
  EXPECT_EQ(target.applied.size(), 2u);
}

TEST(BatchSink, WhoAnswersToWhatIsRegisteredIsNotWaitedForAboutAnythingElse) {
  Bench bench;
  Target target;
  bench.sink_.setAnswerTarget(&target);
  Behaviour site{
      .events = {"new_connection"}, .answers = {"registered"}, .answersRegistered = true};
  bench.attach(0, site);
  bench.sink_.start();
  const Value args[] = {Value::of(bench.connection_)};
  bench.sink_.setClock(1000, 0);
  bench.sink_.raiseUnregistered(bench.event_, args);
  bench.sink_.drain();
  EXPECT_EQ(site.batches, 0u);
  bench.sink_.setClock(1001, 0);
  bench.sink_.raise(bench.event_, args);
  bench.sink_.drain();
  EXPECT_EQ(site.items, 2u);
  EXPECT_EQ(target.applied.size(), 1u);
}

TEST(BatchSink, WhatIsAboutToBeUsedIsWaitedForInTheMiddleOfAGroup) {
  Bench bench;
  Target target;
  bench.sink_.setAnswerTarget(&target);
  Behaviour site{
      .events = {"new_connection"}, .answers = {"late"}, .laterAnswering = {"new_connection"}};
  bench.attach(0, site);
  bench.sink_.start();
  bench.sink_.setClock(1000, 0);
  bench.sink_.raise(bench.event_, {Value::of(bench.connection_)});
  bench.sink_.settle();
  EXPECT_EQ(target.applied.size(), 1u);
  EXPECT_EQ(site.items, 1u);
  EXPECT_EQ(site.groups, 0u);  // the scripts' queue is not drained by it
  bench.sink_.settle();        // nothing is owed any more
  bench.sink_.raise(bench.event_, {Value::of(bench.connection_)});
  bench.sink_.drain();
  EXPECT_EQ(site.batches, 1u);
  bench.sink_.finish();
  EXPECT_EQ(site.items, 2u);
  EXPECT_EQ(site.groups, 1u);
}

TEST(BatchSink, ARowForAnItemThatItDoesNotHaveEndsOnlyThatCompartment) {
  Bench bench;
  Behaviour site{.events = {"new_connection"}};
  Behaviour liar{.events = {"new_connection"}, .writesRows = true, .rowSeq = 1u << 30};
  auto& a = bench.attach(0, site);
  auto& b = bench.attach(1, liar);
  bench.sink_.start();
  bench.packets(5000);
  bench.sink_.finish();
  EXPECT_EQ(bench.delivered(a), 5000u);
  EXPECT_FALSE(b.alive());
  EXPECT_EQ(b.violation(), "wrote for item 1073741824, which it does not have");
  EXPECT_LT(bench.delivered(b), 5000u);
  EXPECT_EQ(bench.log_.gone, std::vector<uint32_t>{1});
  EXPECT_TRUE(bench.log_.rows[1].empty());
}

TEST(BatchSink, ACompartmentThatNeverAnswersIsEndedAndTheReaderGoesOn) {
  Bench bench;
  bench.surroundings_.stallSeconds = 1;
  Behaviour site{.events = {"new_connection"}};
  Behaviour silent{.events = {"new_connection"}, .answersNothing = true};
  auto& a = bench.attach(0, site);
  auto& b = bench.attach(1, silent);
  bench.sink_.start();
  bench.packets(20000);  // more than the window: the reader waits for it until it is ended
  bench.sink_.finish();
  EXPECT_EQ(bench.delivered(a), 20000u);
  EXPECT_EQ(b.violation(), "did not answer for 1 s and did not compute");
}

TEST(BatchSink, ARequestThatTheHostFailsToAnswerIsNoExcuseForSilence) {
  Bench bench;
  bench.surroundings_.stallSeconds = 1;
  Behaviour site{.events = {"new_connection"}};
  Behaviour silent{.events = {"new_connection"}, .asksHost = true, .answersNothing = true};
  bench.attach(0, site);
  auto& b = bench.attach(1, silent);
  bench.sink_.start();
  bench.packets(20000);
  bench.sink_.finish();
  EXPECT_EQ(b.violation(), "did not answer for 1 s and did not compute");
}

TEST(BatchSink, ACompartmentThatHasAnsweredIsNotSilentWhileAnotherIsWaitedFor) {
  Bench bench;
  bench.surroundings_.stallSeconds = 1;
  Behaviour site{.events = {"new_connection"}}, quick{.events = {"new_connection"}};
  Behaviour slow{.events = {"new_connection"}, .holdsStart = true};
  bench.attach(0, site);
  auto& b = bench.attach(1, quick);
  auto& c = bench.attach(2, slow);
  // It computes for longer than any may be silent, and answers then.
  bench.log_.nanosecondsPerLook[2] = 1000;
  bench.log_.onLook = [&](uint32_t compartment, uint64_t looks) {
    if (compartment == 2 && looks == 5) Bench::release(slow);
  };
  bench.sink_.start();
  EXPECT_EQ(bench.log_.looks[1], 0u);
  bench.packets(100);
  bench.sink_.finish();
  EXPECT_EQ(b.violation(), "");
  EXPECT_EQ(c.violation(), "");
  EXPECT_EQ(bench.delivered(b), 100u);
  EXPECT_EQ(bench.delivered(c), 100u);
}

TEST(BatchSink, ACompartmentThatGoesAwayLosesOnlyWhatItWasOwed) {
  Bench bench;
  Behaviour site{.events = {"new_connection"}}, package{.events = {"new_connection"}};
  auto& a = bench.attach(0, site);
  auto& b = bench.attach(1, package);
  bench.sink_.start();
  bench.packets(2000);
  bench.servers_[1] = nullptr;
  bench.streams_[1] = nullptr;
  bench.packets(2000);
  bench.sink_.finish();
  EXPECT_EQ(bench.delivered(a), 4000u);
  EXPECT_FALSE(b.alive());
  EXPECT_EQ(b.violation(), "");
  EXPECT_LT(bench.delivered(b), 4000u);
}

TEST(Subscriber, TakesSoManyRedefsAndDoesNotLoadWithMore) {
  Bench bench;
  Behaviour fits, oneMore;
  fits.redefs.assign(maxRedefs, "redef a::b = 1;");
  oneMore.redefs.assign(maxRedefs + 1, "");
  auto loaded = bench.load(bench.connect(0, fits));
  EXPECT_TRUE(loaded.ready);
  EXPECT_EQ(loaded.redefs.size(), maxRedefs);
  auto refused = bench.load(bench.connect(1, oneMore));
  EXPECT_FALSE(refused.ready);
  EXPECT_EQ(refused.reason, "its redefs are more than 2000, or one is longer than 1048576 bytes");
}

TEST(Subscriber, TakesALongRedefWholeAndDoesNotLoadWithALongerOne) {
  Bench bench;
  Behaviour fits, longer;
  fits.redefs = {std::string(maxRedefBytes, 'a')};
  longer.redefs = {std::string(maxRedefBytes + 1, 'a')};
  auto loaded = bench.load(bench.connect(0, fits));
  ASSERT_TRUE(loaded.ready);
  EXPECT_EQ(loaded.redefs[0].text.size(), maxRedefBytes);
  EXPECT_FALSE(bench.load(bench.connect(1, longer)).ready);
}

}  // namespace
}  // namespace bulkhead::worker
