#include "sdk/script/frameworks/log/log-bench.h"

#include <gmock/gmock.h>

namespace bulkhead::frameworks {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string demo(std::string more) {
  return R"(
module Demo;
export {
  redef enum Log::ID += { LOG };
  type Info: record { name: string &log; };
}
global waiting: vector of Info;
global tokens: vector of Log::DelayToken;
function put(name: string) { Log::write(LOG, Info($name=name)); }
event zeek_init() &priority=5 {
  Log::create_stream(LOG, Log::Stream($columns=Info, $path="demo"));
}
)" + more;
}

constexpr const char* delayEach = R"(
hook Log::log_stream_policy(rec: any, id: Log::ID) {
  waiting += (rec as Info);
  tokens += Log::delay(id, rec, function(r: any, i: Log::ID): bool {
    print "over", (r as Info)$name;
    return (r as Info)$name != "dropped";
  });
}
function finish() { print Log::delay_finish(LOG, waiting[0], tokens[0]); }
)";

TEST(LogDelays, ARowWaitsUntilItsDelayIsFinished) {
  LogBench bench({.site = demo(std::string(delayEach) + R"(
event zeek_init() { put("a"); put("b"); print Log::get_delay_queue_size(LOG); })")});
  EXPECT_THAT(bench.rows(), IsEmpty());
  EXPECT_EQ(bench.script.printed(), "2\n");
  bench.script.call("Demo::finish");
  EXPECT_THAT(bench.rows(), ElementsAre("demo: name=a"));
  EXPECT_EQ(bench.script.printed(), "over, a\nT\n");
  // Once is enough.
  bench.script.call("Demo::finish");
  EXPECT_EQ(bench.script.printed(), "F\n");
  EXPECT_THAT(bench.script.reports(), ElementsAre(HasSubstr("not delayed")));
}

TEST(LogDelays, TimeEndsADelayAndTheCallBackMayDropTheRow) {
  LogBench bench({.site = demo(std::string(delayEach) + R"(
event zeek_init() { put("a"); put("dropped"); })")});
  ASSERT_TRUE(bench.script.engine().nextTimer());
  EXPECT_NEAR(*bench.script.engine().nextTimer(), 0.2, 1e-6);
  bench.script.engine().advanceTime(0.1);
  EXPECT_THAT(bench.rows(), IsEmpty());
  bench.script.engine().advanceTime(0.2);
  EXPECT_THAT(bench.rows(), ElementsAre("demo: name=a"));
  EXPECT_EQ(bench.script.printed(), "over, a\nover, dropped\n");
}

TEST(LogDelays, TheEndOfTheRunEndsAllDelays) {
  LogBench bench({.site = demo(std::string(delayEach) + R"(
event zeek_init() { put("a"); })")});
  bench.script.engine().finish();
  EXPECT_THAT(bench.rows(), ElementsAre("demo: name=a"));
}

TEST(LogDelays, PastTheLimitTheOldestGoes) {
  LogBench bench({.site = demo(std::string(delayEach) + R"(
event zeek_init() {
  Log::set_max_delay_queue_size(LOG, 2);
  put("a"); put("b"); put("c");
  print Log::get_delay_queue_size(LOG);
})")});
  EXPECT_THAT(bench.rows(), ElementsAre("demo: name=a"));
  EXPECT_EQ(bench.script.printed(), "over, a\n2\n");
}

TEST(LogDelays, ACallBackMayDelayOnceMoreButNotForEver) {
  LogBench bench({.site = demo(R"(
global rounds = 0;
function again(r: any, i: Log::ID): bool {
  ++rounds;
  if (rounds < 3) Log::delay(i, r, again);
  else if (rounds == 3) {  # finished at once: there is no delay to call back after
    local t = Log::delay(i, r, again);
    Log::delay_finish(i, r, t);
  }
  return T;
}
hook Log::log_stream_policy(rec: any, id: Log::ID) { Log::delay(id, rec, again); }
function told() { print rounds; }
event zeek_init() { put("a"); })")});
  for (double time : {0.25, 0.5}) bench.script.engine().advanceTime(time);
  EXPECT_THAT(bench.rows(), IsEmpty());
  bench.script.engine().advanceTime(0.75);
  EXPECT_THAT(bench.rows(), ElementsAre("demo: name=a"));
  bench.script.call("Demo::told");
  EXPECT_EQ(bench.script.printed(), "3\n");
}

TEST(LogDelays, OnlyTheHookMayDelayAndOnlyItsRow) {
  LogBench bench({.site = demo(R"(
hook Log::log_stream_policy(rec: any, id: Log::ID) { Log::delay(id, Info($name="other")); }
event zeek_init() { put("a"); Log::delay(LOG, Info($name="b")); })")});
  EXPECT_THAT(bench.rows(), ElementsAre("demo: name=a"));
  EXPECT_EQ(bench.script.reports().size(), 2u);
}

TEST(LogDelays, ARemovedStreamTakesItsWaitingRowsAlong) {
  LogBench bench({.site = demo(std::string(delayEach) + R"(
event zeek_init() {
  put("a");
  Log::remove_stream(LOG);
  Log::create_stream(LOG, Log::Stream($columns=Info, $path="demo"));
  print Log::get_delay_queue_size(LOG);
})")});
  bench.script.engine().advanceTime(1);
  EXPECT_THAT(bench.rows(), IsEmpty());
  EXPECT_EQ(bench.script.printed(), "0\n");
}

}  // namespace
}  // namespace bulkhead::frameworks
