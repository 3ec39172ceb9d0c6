// Streams, filters, hooks and columns, as a script of the site sees them.

#include "sdk/script/frameworks/log/log-bench.h"

#include <gmock/gmock.h>

namespace bulkhead::frameworks {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A module with one stream; tests add what they are about.
std::string demo(std::string more) {
  return R"(
module Demo;
export {
  redef enum Log::ID += { LOG };
  type Inner: record { a: count &log; hidden: string &default="h"; b: string &log &optional; };
  type Info: record {
    name: string &log;
    inner: Inner &log &optional;
    hosts: set[addr] &log &optional;
    sizes: vector of count &log &optional;
    secret: string &default="s";
  };
  global log_demo: event(rec: Info);
  global log_policy: Log::PolicyHook;
}
event zeek_init() &priority=5 {
  Log::create_stream(LOG, Log::Stream($columns=Info, $ev=log_demo, $path="demo", $policy=log_policy));
}
)" + more;
}

TEST(LogStreams, ARowIsFlattenedAndOnlyItsLogFieldsAreWritten) {
  LogBench bench({.site = demo(R"(
event zeek_init() {
  Log::write(LOG, Info($name="x", $inner=Inner($a=1, $b="y"), $hosts=set(10.0.0.1),
                       $sizes=vector(3, 4)));
  Log::write(LOG, Info($name="bare"));
}
)")});
  EXPECT_THAT(bench.rows(), ElementsAre("demo: name=x inner.a=1 inner.b=y hosts={10.0.0.1} "
                                        "sizes=[3,4]",
                                        "demo: name=bare"));
  ASSERT_EQ(bench.sink.opened.size(), 1u);
  const LogDescriptor& log = bench.sink.opened[0];
  EXPECT_EQ(log.stream, "Demo::LOG");
  EXPECT_EQ(log.filter, "default");
  EXPECT_EQ(log.writer, "Log::WRITER_ASCII");
  ASSERT_EQ(log.columns.size(), 5u);
  EXPECT_EQ(logTypeText(log.columns[3]), "set[addr]");
  EXPECT_FALSE(log.columns[0].optional);
  EXPECT_TRUE(log.columns[1].optional) << "a column of an optional record";
}

TEST(LogStreams, AnotherRecordTypeIsConvertedAndAMisfitRefused) {
  LogBench bench({.site = demo(R"(
type Other: record { name: string; more: count &default=1; };
type Misfit: record { name: count; };
event zeek_init() {
  print Log::write(LOG, [$name="anonymous"]);
  print Log::write(LOG, Misfit($name=1));
}
)")});
  EXPECT_THAT(bench.rows(), ElementsAre("demo: name=anonymous"));
  EXPECT_EQ(bench.script.printed(), "T\nF\n");
  EXPECT_EQ(bench.script.reports().size(), 1u);
}

TEST(LogStreams, TheEventOfAStreamSeesEachRow) {
  LogBench bench({.site = demo(R"(
event Demo::log_demo(rec: Info) { print "event", rec$name, rec$secret; }
event zeek_init() { Log::write(LOG, Info($name="x", $secret="t")); print "written"; }
)")});
  EXPECT_EQ(bench.script.printed(), "written\nevent, x, t\n");
}

TEST(LogStreams, AFilterChoosesAndRenamesColumns) {
  LogBench bench({.site = demo(R"(
event zeek_init() {
  Log::add_filter(LOG, Log::Filter($name="some", $path="some", $include=set("name", "inner.a"),
      $field_name_map=table(["name"] = "called")));
  Log::add_filter(LOG, Log::Filter($name="rest", $path="rest", $exclude=set("name", "sizes"),
      $scope_sep="_"));
  Log::write(LOG, Info($name="x", $inner=Inner($a=1), $hosts=set(10.0.0.1)));
}
)")});
  EXPECT_THAT(bench.rows(),
              ElementsAre("demo: name=x inner.a=1 hosts={10.0.0.1}", "some: called=x inner.a=1",
                          "rest: inner_a=1 hosts={10.0.0.1}"));
}

TEST(LogStreams, AFilterOfTheSameNameIsReplacedAndOneCanBeRemoved) {
  LogBench bench({.site = demo(R"(
function again() { Log::write(LOG, Info($name="y")); }
event zeek_init() {
  Log::add_filter(LOG, Log::Filter($name="default", $path="elsewhere"));
  Log::write(LOG, Info($name="x"));
  print Log::remove_filter(LOG, "default"), Log::remove_filter(Log::UNKNOWN, "default");
  again();
}
)")});
  EXPECT_THAT(bench.rows(), ElementsAre("elsewhere: name=x"));
  EXPECT_EQ(bench.script.printed(), "T, F\n");
}

TEST(LogStreams, APathFunctionSendsEachRowWhereItSays) {
  LogBench bench({.site = demo(R"(
event zeek_init() {
  Log::remove_default_filter(LOG);
  Log::add_filter(LOG, Log::Filter($name="split", $path_func=function(id: Log::ID, path: string,
      rec: Demo::Info): string { return cat("demo-", path, rec$name); }));
  Log::write(LOG, Info($name="a"));
  Log::write(LOG, Info($name="b"));
  Log::write(LOG, Info($name="a"));
}
)")});
  auto rows = bench.rows();
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_THAT(rows[0], HasSubstr("demo-"));
  EXPECT_EQ(bench.sink.opened.size(), 2u) << "one log for each path, opened once";
}

TEST(LogStreams, TwoFiltersOfOnePathGetFilesOfTheirOwn) {
  LogBench bench({.site = demo(R"(
event zeek_init() {
  Log::add_filter(LOG, Log::Filter($name="second", $path="demo"));
  Log::write(LOG, Info($name="x"));
}
)")});
  EXPECT_THAT(bench.rows(), ElementsAre("demo: name=x", "demo-2: name=x"));
  EXPECT_THAT(bench.script.reports(), ElementsAre(HasSubstr("to avoid conflict")));
}

TEST(LogStreams, HooksVetoRowsAndAnAbandonedHookDoesNot) {
  LogBench bench({.site = demo(R"(
hook Demo::log_policy(rec: Info, id: Log::ID, filter: Log::Filter) {
  print "filter", filter$name, rec$name;
  if (rec$name == "fault") { local t: table[count] of count; print t[1]; }
  if (rec$name == "no") break;
  rec$name = rec$name + "!";
}
hook Log::log_stream_policy(rec: any, id: Log::ID) {
  if ((rec as Demo::Info)$name == "never") break;
}
event zeek_init() {
  for (_, n in vector("yes", "no", "never", "fault")) Log::write(LOG, Info($name=n));
}
)")});
  EXPECT_THAT(bench.rows(), ElementsAre("demo: name=yes!", "demo: name=fault"));
  // A veto of the stream's hook is final, but the filters' hooks still see the row.
  EXPECT_EQ(bench.script.printed(),
            "filter, default, yes\nfilter, default, no\nfilter, default, never\n"
            "filter, default, fault\n");
  EXPECT_EQ(bench.script.reports().size(), 1u);
}

TEST(LogStreams, ADisabledStreamWritesNothingAndRaisesNothing) {
  LogBench bench({.site = demo(R"(
event Demo::log_demo(rec: Info) { print rec$name; }
event zeek_init() {
  Log::disable_stream(LOG);
  Log::write(LOG, Info($name="x"));
  Log::enable_stream(LOG);
  Log::write(LOG, Info($name="y"));
  print Log::write(Log::UNKNOWN, Info($name="z"));
  Log::remove_stream(LOG);
  print Log::write(LOG, Info($name="z"));
}
)")});
  EXPECT_THAT(bench.rows(), ElementsAre("demo: name=y"));
  EXPECT_EQ(bench.script.printed(), "F\nF\ny\n");
}

TEST(LogStreams, AnExtensionComesBeforeEveryRow) {
  LogBench bench({.site = demo(R"(
type Extension: record { node: string &log; path: string &log; };
redef Log::default_ext_func = function(path: string): Extension {
  return Extension($node="n1", $path=path);
};
redef Log::default_ext_prefix = "x_";
event zeek_init() {
  Log::add_filter(LOG, Log::Filter($name="thin", $path="thin", $include=set("name")));
  Log::write(LOG, Info($name="x"));
}
)")});
  EXPECT_THAT(bench.rows(), ElementsAre("demo: x_node=n1 x_path=demo name=x",
                                        "thin: x_node=n1 x_path=thin name=x"));
}

TEST(LogStreams, WhatIsTooLargeIsCutAndSaid) {
  LogBench bench({.site = demo(R"(
redef enum Log::ID += { SMALL, FREE };
event net_weird(name: string, addl: string, source: string) { print name, addl; }
event zeek_init() {
  Log::create_stream(SMALL, Log::Stream($columns=Info, $path="small", $max_field_string_bytes=4,
      $max_total_string_bytes=6, $max_field_container_elements=2,
      $max_total_container_elements=3));
  Log::create_stream(FREE, Log::Stream($columns=Info, $path="free", $max_field_string_bytes=0,
      $max_total_string_bytes=0, $max_field_container_elements=0,
      $max_total_container_elements=0));
  for (_, id in vector(SMALL, FREE))
    Log::write(id, Info($name="abcdef", $inner=Inner($a=1, $b="ghi"),
                        $hosts=set(10.0.0.1, 10.0.0.2, 10.0.0.3), $sizes=vector(1, 2)));
}
)")});
  EXPECT_THAT(bench.rows(),
              ElementsAre("small: name=abcd inner.a=1 inner.b=gh hosts={10.0.0.1,10.0.0.2} "
                          "sizes=[1]",
                          "free: name=abcdef inner.a=1 inner.b=ghi "
                          "hosts={10.0.0.1,10.0.0.2,10.0.0.3} sizes=[1,2]"));
  EXPECT_EQ(bench.script.printed(),
            "log_string_field_truncated, Demo::SMALL\n"
            "log_string_field_truncated, Demo::SMALL\n"
            "log_container_field_truncated, Demo::SMALL\n"
            "log_container_field_truncated, Demo::SMALL\n");
}

TEST(LogStreams, WhatCannotBeLoggedIsRefused) {
  LogBench bench({.site = demo(R"(
redef enum Log::ID += { TABLES, EMPTY };
type Tables: record { t: table[count] of string &log; };
type Empty: record { t: count; };
event zeek_init() {
  print Log::create_stream(TABLES, Log::Stream($columns=Tables));
  print Log::create_stream(EMPTY, Log::Stream($columns=Empty));
}
)")});
  EXPECT_EQ(bench.script.printed(), "F\nF\n");
  EXPECT_THAT(bench.script.reports(),
              ElementsAre(HasSubstr("unsupported field type"), HasSubstr("no field with &log")));
}

}  // namespace
}  // namespace bulkhead::frameworks
