#include "sdk/script/builtins/services.h"
#include "sdk/script/driver/script-bench.h"

#include <gtest/gtest.h>

namespace bulkhead::builtins {
namespace {

using driver::ScriptBench;

// Counts what comes through of 30 weirds with a threshold of 5 and then one in 10.
constexpr const char* counting = R"(
redef Weird::sampling_threshold = 5;
redef Weird::sampling_rate = 10;
redef Weird::sampling_duration = 10min;
redef Weird::sampling_whitelist += { "free" };
redef Weird::sampling_global_list += { "global" };
global seen = 0;
event net_weird(name: string, addl: string, source: string) { ++seen; }
event conn_weird(name: string, c: connection, addl: string, source: string) { ++seen; }
event flow_weird(name: string, src: addr, dst: addr, addl: string, source: string) { ++seen; }
event file_weird(name: string, f: fa_file, addl: string, source: string) { ++seen; }
function told() { print seen; seen = 0; }
function vector_of(n: count): vector of count {
  local out: vector of count = vector();
  while (|out| < n) out += |out|;
  return out;
}
function net30() { for (i in vector_of(30)) Reporter::net_weird("odd"); }
function free30() { for (i in vector_of(30)) Reporter::net_weird("free"); }
function flow30() {
  for (i in vector_of(30)) {
    Reporter::flow_weird("odd", 10.0.0.1, 10.0.0.2);
    Reporter::flow_weird("odd", 10.0.0.1, 10.0.0.3);
  }
}
function connections(): vector of connection {
  local made: vector of connection = vector();
  for (_, uid in vector("C1", "C2")) {
    local end = endpoint($size=0, $state=0, $flow_label=0);
    made += connection($id=conn_id($orig_h=10.0.0.1, $orig_p=1/tcp, $resp_h=10.0.0.2, $resp_p=2/tcp),
        $orig=end, $resp=end, $start_time=network_time(), $duration=0sec, $service=set(),
        $history="", $uid=uid);
  }
  return made;
}
function conn30() {
  for (_, c in connections()) for (i in vector_of(30)) Reporter::conn_weird("odd", c);
}
function conn1() { Reporter::conn_weird("odd", connections()[0]); }
function global30() {
  for (_, c in connections()) for (i in vector_of(30)) Reporter::conn_weird("global", c);
}
function none() { Reporter::set_weird_sampling_rate(0); print Reporter::get_weird_sampling_rate(); }
function stats() {
  local s = get_reporter_stats();
  print s$weirds, s$weirds_by_type["odd"];
}
)";

struct WeirdSampling : testing::Test {
  WeirdSampling() : bench({.site = counting}) {
    bench.start();
    bench.vm().setNetworkTime(1000);
  }
  std::string after(const char* function) {
    bench.call(function);
    bench.call("told");
    return bench.printed();
  }
  ScriptBench bench;
};

TEST_F(WeirdSampling, PastTheThresholdOneInSoManyComesThrough) {
  EXPECT_EQ(after("net30"), "7\n");  // 5, then the 10th and the 20th past them
  bench.vm().setNetworkTime(1599);
  EXPECT_EQ(after("net30"), "3\n");
  bench.vm().setNetworkTime(1600);
  EXPECT_EQ(after("net30"), "7\n") << "the count starts anew after the duration";
}

TEST_F(WeirdSampling, NamesOnTheListOfTheFreeAllComeThrough) { EXPECT_EQ(after("free30"), "30\n"); }

TEST_F(WeirdSampling, EachPairOfHostsCountsForItself) { EXPECT_EQ(after("flow30"), "14\n"); }

TEST_F(WeirdSampling, EachConnectionCountsForItselfFromWhereSamplingBegan) {
  EXPECT_EQ(after("conn30"), "14\n");
  bench.vm().setNetworkTime(1600);
  EXPECT_EQ(after("conn1"), "0\n");
  bench.vm().setNetworkTime(1601);
  EXPECT_EQ(after("conn1"), "1\n");
}

TEST_F(WeirdSampling, GlobalNamesCountOverAllConnections) { EXPECT_EQ(after("global30"), "10\n"); }

TEST_F(WeirdSampling, ARateOfNoughtLetsNothingMoreThrough) {
  bench.call("none");
  EXPECT_EQ(bench.printed(), "0\n");
  EXPECT_EQ(after("net30"), "5\n");
  bench.call("stats");
  EXPECT_EQ(bench.printed(), "30, 30\n");
}

}  // namespace
}  // namespace bulkhead::builtins
