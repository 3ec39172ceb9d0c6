#include "sdk/script/overview/overview.h"

#include "sdk/script/builtins/builtins.h"
#include "sdk/script/driver/script-bench.h"

#include <gmock/gmock.h>

namespace bulkhead::overview {
namespace {

using driver::ScriptBench;
using testing::ElementsAre;
using testing::IsEmpty;

bool raised(std::string_view name) { return name == "new_connection" || name == "zeek_init"; }

class Described {
 public:
  explicit Described(const std::string& package, const std::string& base = "")
      : bench_({.base = base, .package = package, .load = {"base/frameworks/logging"}}),
        overview_(describe(bench_.engine().analysed(), raised)) {}
  const Overview* operator->() const { return &overview_; }

 private:
  ScriptBench bench_;
  Overview overview_;
};

std::vector<std::string> fields(const Described& of) {
  std::vector<std::string> out;
  for (const auto& each : of->fields)
    out.push_back(each.record + " " + each.path + (each.read ? " r" : "") +
                  (each.written ? " w" : "") + (each.added ? " +" : "") +
                  (each.logged ? " l" : ""));
  return out;
}

TEST(Overview, TellsWhoIsBehindAnEvent) {
  Described of(
      "global mine: event();\nevent new_connection(c: connection) { }\nevent mine() { }\n"
      "event mine() { }\nevent nobodys(x: count) { }\nevent librarys() { }\n",
      "global librarys: event();");
  ASSERT_EQ(of->events.size(), 4u);
  EXPECT_EQ(of->events[0].name, "librarys");
  EXPECT_EQ(of->events[0].from, Handled::From::library);
  EXPECT_EQ(of->events[1].name, "mine");
  EXPECT_EQ(of->events[1].from, Handled::From::package);
  EXPECT_EQ(of->events[1].bodies, 2u);
  EXPECT_EQ(of->events[2].from, Handled::From::host);
  EXPECT_EQ(of->events[3].from, Handled::From::nobody);
}

TEST(Overview, AnEventThatThePackageRaisesIsItsOwnThoughNothingDeclaresIt) {
  Described of("event later() { schedule 1sec { later() }; }\nevent never() { }\n");
  ASSERT_EQ(of->events.size(), 2u);
  EXPECT_EQ(of->events[0].from, Handled::From::package);
  EXPECT_EQ(of->events[1].from, Handled::From::nobody);
}

TEST(Overview, NamesTheLongestWayThroughTheLibrarysRecords) {
  EXPECT_THAT(fields(Described("type Own: record { c: connection; n: count; };\n"
                               "event new_connection(c: connection) {\n"
                               "  local own = Own($c=c, $n=1);\n"
                               "  print own$n, own$c$id$orig_h, c?$history;\n"
                               "  c$uid = \"x\"; c$id$resp_p = 1/tcp; add c$service[\"y\"]; }\n")),
              ElementsAre("connection history r", "connection id.orig_h r",
                          "connection id.resp_p w", "connection service w", "connection uid w"));
}

TEST(Overview, TellsWhatIsAddedToARecordAndWhatOfItIsLogged) {
  EXPECT_THAT(fields(Described("redef record connection += { mine: count &log &optional;\n"
                               "  quiet: count &optional; };\n"
                               "event new_connection(c: connection) { c$mine = 1; }\n")),
              ElementsAre("connection mine w + l", "connection quiet +"));
}

TEST(Overview, LooksIntoLambdasAndDefaultsAndConditions) {
  EXPECT_THAT(fields(Described("global f = function(c: connection): string { return c$uid; };\n"
                               "function g(c: connection) {\n"
                               "  when [c] ( c$history == \"x\" ) { print c$start_time; }\n"
                               "  timeout 1sec { print c$duration; } }\n")),
              ElementsAre("connection duration r", "connection history r",
                          "connection start_time r", "connection uid r"));
}

TEST(Overview, NamesTheStreamsByTheirIds) {
  Described of(
      "module Mine;\nexport { redef enum Log::ID += { LOG }; type Info: record { a: count &log; "
      "}; }\n"
      "event zeek_init() { Log::create_stream(LOG, [$columns=Info]);\n"
      "  Log::write(LOG, Info($a=1)); Log::remove_default_filter(LOG);\n"
      "  local id = LOG; Log::write(id, Info($a=1)); }\n");
  ASSERT_EQ(of->streams.size(), 2u);
  EXPECT_EQ(of->streams[0].id, "");
  EXPECT_TRUE(of->streams[0].written);
  EXPECT_EQ(of->streams[1].id, "Mine::LOG");
  EXPECT_TRUE(of->streams[1].created && of->streams[1].written && of->streams[1].filtered);
}

TEST(Overview, KnowsTheStreamOfAPolicyHookByItsName) {
  Described of(
      "hook Hosts::log_policy_known(n: count) { break; }\nhook Hosts::log_policy(n: count) { }\n"
      "hook Hosts::log_policies(n: count) { }\n",
      "module Hosts;\nexport { global log_policy_known: hook(n: count); global log_policy: hook(n: "
      "count); global log_policies: hook(n: count); }\n");
  ASSERT_EQ(of->streams.size(), 2u);
  EXPECT_EQ(of->streams[0].id, "Hosts::KNOWN_LOG");
  EXPECT_EQ(of->streams[1].id, "Hosts::LOG");
  EXPECT_TRUE(of->streams[0].filtered && of->streams[1].filtered);
}

TEST(Overview, ALogFunctionTakenAsAValueIsOfAnyStream) {
  Described of("global use = Log::write;\nevent zeek_init() { local f = Log::remove_stream; }\n");
  ASSERT_EQ(of->streams.size(), 1u);
  EXPECT_EQ(of->streams[0].id, "");
  EXPECT_TRUE(of->streams[0].written && of->streams[0].filtered);
}

TEST(Overview, NamesADoorThoughItIsOnlyTakenAsAValue) {
  Described of("global run = system;\nevent zeek_init() { print getenv(\"HOME\"); }\n");
  ASSERT_EQ(of->doors.size(), 2u);
  EXPECT_EQ(of->doors[0].function, "system");
  EXPECT_EQ(of->doors[0].reach, Reach::commands);
  EXPECT_EQ(of->doors[1].function, "getenv");
  EXPECT_EQ(of->doors[1].reach, Reach::environment);
}

TEST(Overview, SaysNothingOfTheLibraryAlone) {
  Described of("event zeek_init() { print 1; }\n",
               "event new_connection(c: connection) { print c$uid, system(\"x\"); }\n");
  EXPECT_EQ(of->events.size(), 1u);
  EXPECT_THAT(of->fields, IsEmpty());
  EXPECT_THAT(of->doors, IsEmpty());
}

// Whoever adds a builtin that needs a grant says so in its documentation; it has to be a door.
TEST(Overview, EveryBuiltinWhoseDocumentationNamesAGrantIsADoorOfThatName) {
  size_t seen = 0;
  for (const auto& family : builtins::families()) {
    for (const auto& row : family.rows) {
      const std::string doc(row.doc);
      for (auto reach : {Reach::files, Reach::commands, Reach::environment, Reach::lookups}) {
        if (doc.find("rant \"" + std::string(reachName(reach)) + "\"") == std::string::npos)
          continue;
        ++seen;
        EXPECT_EQ(reachOf(row.name), reach) << row.name;
      }
    }
  }
  EXPECT_GT(seen, 10u);
}

}  // namespace
}  // namespace bulkhead::overview
