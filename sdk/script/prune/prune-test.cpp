// What stays of a base library of a few lines beside a package of a few lines. Bodies are named as
// --explain-prune names them.

#include "sdk/script/prune/prune.h"

#include "sdk/script/driver/script-bench.h"
#include "sdk/script/prune/natives.h"
#include "sdk/script/source/source-manager.h"

#include <gmock/gmock.h>
#include <set>

namespace bulkhead::prune {
namespace {

using driver::ScriptBench;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

// Everything of the base text stands in module Base; `tick` is an event of the host.
constexpr const char* head = "global tick: event();\nglobal tock: event();\nmodule Base;\n";

class Pruned {
 public:
  Pruned(const std::string& base, const std::string& package)
      : bench_({.base = head + base, .package = package, .prune = true}) {
    for (const auto& kept : outcome().kept)
      if (position(kept.at).starts_with("test-base.zeek")) kept_.insert(kept.what);
  }
  const Outcome& outcome() { return bench_.engine().pruned(); }
  // Bodies of the base text that stay.
  const std::set<std::string>& kept() const { return kept_; }

 private:
  std::string position(source::Location at) {
    auto found = bench_.engine().sources().position(at);
    return found.file != nullptr ? found.file->name : "";
  }
  ScriptBench bench_;
  std::set<std::string> kept_;
};

std::set<std::string> kept(const std::string& base, const std::string& package) {
  return Pruned(base, package).kept();
}

constexpr const char* tick = "event tick (priority 0)";
constexpr const char* tock = "event tock (priority 0)";

TEST(Prune, KeepsWhatChangesAVariableThatThePackageReads) {
  const std::string base =
      "export { global a = 0; global b = 0; }\nevent tick() { ++a; }\nevent tock() { ++b; }\n";
  EXPECT_THAT(kept(base, "event zeek_done() { print Base::a; }"), UnorderedElementsAre(tick));
  EXPECT_THAT(kept(base, "event zeek_done() { }"), IsEmpty());
}

TEST(Prune, FollowsWhatIsKeptToWhatThatReads) {
  EXPECT_THAT(kept("export { global a = 0; }\nglobal b = 0;\nevent tick() { a = b; }\n"
                   "event tock() { ++b; }\n",
                   "event zeek_done() { print Base::a; }"),
              UnorderedElementsAre(tick, tock));
}

TEST(Prune, FollowsCallsBothWays) {
  EXPECT_THAT(kept("export { global a = 0; }\nglobal b = 0;\nfunction put() { ++a; }\n"
                   "function get(): count { return b; }\nfunction idle() { }\n"
                   "event tick() { if (get() > 1) put(); }\nevent tock() { ++b; idle(); }\n",
                   "event zeek_done() { print Base::a; }"),
              UnorderedElementsAre(tick, tock, "function Base::put", "function Base::get",
                                   "function Base::idle"));
}

TEST(Prune, TellsFieldsOfARecordApart) {
  const std::string base =
      "export { type R: record { x: count &default=0; y: count &default=0; };\nglobal r = R(); }\n"
      "event tick() { r$x = 1; }\nevent tock() { local l = r; l$y = 1; }\n";
  EXPECT_THAT(kept(base, "event zeek_done() { print Base::r$x; }"), UnorderedElementsAre(tick));
  EXPECT_THAT(kept(base, "event zeek_done() { print Base::r$y; }"), UnorderedElementsAre(tock));
  EXPECT_THAT(kept(base, "event zeek_done() { print Base::r; }"), UnorderedElementsAre(tick, tock));
}

TEST(Prune, CountsTheRemovalOfAFieldAsAChange) {
  EXPECT_THAT(kept("export { type R: record { x: count &optional; };\nglobal r = R($x=1); }\n"
                   "event tick() { delete r$x; }\n",
                   "event zeek_done() { print Base::r?$x; }"),
              UnorderedElementsAre(tick));
}

TEST(Prune, TellsContainersApartUnlessOneMayBeTheOther) {
  const std::string base =
      "export { global a: set[string]; global b: set[string]; }\n"
      "event tick() { add b[\"x\"]; }\n";
  EXPECT_THAT(kept(base, "event zeek_done() { print |Base::a|; }"), IsEmpty());
  EXPECT_THAT(
      kept(base + "event zeek_init() { b = a; }\n", "event zeek_done() { print |Base::a|; }"),
      Contains(tick));
  EXPECT_THAT(kept(base + "function same(s: set[string]): set[string] { return s; }\n"
                          "event tock() { delete same(a)[\"y\"]; }\n",
                   "event zeek_done() { print |Base::a|; }"),
              UnorderedElementsAre(tock, "function Base::same"));
}

TEST(Prune, SeesAContainerThroughAnAny) {
  EXPECT_THAT(kept("export { global held: any = \"\"; }\nglobal inner: set[string];\n"
                   "event zeek_init() { held = inner; }\nevent tick() { add inner[\"x\"]; }\n",
                   "event zeek_done() { local s = Base::held as set[string]; print |s|; }"),
              UnorderedElementsAre(tick, "event zeek_init (priority 0)"));
}

TEST(Prune, SeesAContainerThroughACopyOrAFieldOfAConvertedRecord) {
  EXPECT_THAT(kept("export { global a: set[string]; }\nevent tick() { add a[\"x\"]; }\n",
                   "event zeek_done() { local l = copy(Base::a); print |l|; }"),
              UnorderedElementsAre(tick));
  EXPECT_THAT(kept("export { type R: record { s: set[string]; };\n"
                   "type S: record { s: set[string]; n: count &optional; };\nglobal r = R(); "
                   "global s: S; }\n"
                   "event zeek_init() { s = r; }\nevent tick() { add r$s[\"x\"]; }\n",
                   "event zeek_done() { print |Base::s$s|; }"),
              UnorderedElementsAre(tick, "event zeek_init (priority 0)"));
}

TEST(Prune, KeepsWhatRaisesAnEventThatThePackageHandles) {
  const std::string base =
      "export { global then: event(n: count); }\n"
      "event tick() { event Base::then(1); }\n"
      "event tock() { schedule 1sec { Base::then(2) }; }\n";
  Pruned handles(base, "event Base::then(n: count) { print n; }");
  EXPECT_THAT(handles.kept(), UnorderedElementsAre(tick, tock));
  EXPECT_TRUE(handles.outcome().timers);
  Pruned not_(base, "event zeek_done() { }");
  EXPECT_THAT(not_.kept(), IsEmpty());
  EXPECT_FALSE(not_.outcome().timers);
}

TEST(Prune, FollowsAnEventFromTheLibraryToItself) {
  EXPECT_THAT(kept("export { global a = 0; global then: event(); }\n"
                   "event tick() { event Base::then(); }\nevent Base::then() { ++a; }\n",
                   "event zeek_done() { print Base::a; }"),
              UnorderedElementsAre(tick, "event Base::then (priority 0)"));
}

TEST(Prune, DropsAHandlerOfAnEventThatNobodyRaises) {
  const std::string base =
      "export { global a = 0; global then: event(); }\n"
      "event Base::then() { ++a; }\n";
  EXPECT_THAT(kept(base, "event zeek_done() { print Base::a; }"), IsEmpty());
  EXPECT_THAT(kept(base, "event zeek_done() { print Base::a; event Base::then(); }"),
              UnorderedElementsAre("event Base::then (priority 0)"));
}

TEST(Prune, KeepsEverythingThatThePackageSetsGoing) {
  // Its effects are the package's own: nobody else has them.
  EXPECT_THAT(kept("export { global start: event(); global go: function(); }\n"
                   "function say() { print \"said\"; }\nfunction go() { event Base::start(); }\n"
                   "event Base::start() { say(); }\nevent tick() { say(); }\n",
                   "event zeek_done() { Base::go(); }"),
              UnorderedElementsAre("function Base::say", "function Base::go",
                                   "event Base::start (priority 0)"));
}

TEST(Prune, KeepsWhatRunsAHookOfThePackage) {
  const std::string base =
      "export { global decide: hook(n: count); }\n"
      "event tick() { hook decide(1); }\n";
  EXPECT_THAT(kept(base, "hook Base::decide(n: count) { print n; }"), UnorderedElementsAre(tick));
  EXPECT_THAT(kept(base, "event zeek_done() { }"), IsEmpty());
}

TEST(Prune, KeepsHookBodiesThatMayEndAHook) {
  EXPECT_THAT(kept("export { global decide: hook(n: count); global a = 0; }\nglobal b = 0;\n"
                   "hook decide(n: count) &priority=5 { if (n > 1) break; }\n"
                   "hook decide(n: count) &priority=4 { ++a; }\n"
                   "hook decide(n: count) &priority=3 { local l = n; ++l; }\n",
                   "hook Base::decide(n: count) { print n; }\n"
                   "event zeek_done() { print Base::a; }"),
              IsEmpty());
  EXPECT_THAT(kept("export { global decide: hook(n: count); global a = 0; }\n"
                   "event tick() { hook decide(1); }\n"
                   "hook decide(n: count) &priority=5 { if (n > 1) break; }\n"
                   "hook decide(n: count) &priority=4 { ++a; }\n"
                   "hook decide(n: count) &priority=3 { local l = n; ++l; }\n",
                   "hook Base::decide(n: count) { print n; }\n"
                   "event zeek_done() { print Base::a; }"),
              UnorderedElementsAre(tick, "hook Base::decide (priority 5)",
                                   "hook Base::decide (priority 4)"));
}

TEST(Prune, KeepsWhatAChangeOfATableCalls) {
  EXPECT_THAT(
      kept("export { global a = 0; }\n"
           "function changed(t: table[string] of count, c: TableChange, k: string, v: count)"
           " { ++a; }\nglobal t: table[string] of count &on_change=changed;\n"
           "event tick() { t[\"x\"] = 1; }\n",
           "event zeek_done() { print Base::a; }"),
      UnorderedElementsAre(tick, "function Base::changed"));
}

TEST(Prune, KeepsWhatAnExpiryCalls) {
  const std::string base =
      "export { global a = 0; }\nfunction gone(t: table[string] of count, k: string): interval "
      "{ ++a; return 0sec; }\n"
      "global t: table[string] of count &create_expire=1sec &expire_func=gone;\n"
      "event tick() { t[\"x\"] = 1; }\n";
  Pruned reads(base, "event zeek_done() { print Base::a; }");
  EXPECT_THAT(reads.kept(), UnorderedElementsAre(tick, "function Base::gone"));
  EXPECT_TRUE(reads.outcome().timers);
  Pruned not_(base, "event zeek_done() { }");
  EXPECT_THAT(not_.kept(), IsEmpty());
  EXPECT_FALSE(not_.outcome().timers);
}

TEST(Prune, CountsALookThatProlongsAnEntryAsAChange) {
  auto base = [](const char* attribute) {
    return std::string("export { global t: table[string] of count &") + attribute +
           "=1sec; }\nevent tick() { if (\"x\" in t) return; }\n";
  };
  const char* package = "event zeek_done() { print |Base::t|; }";
  EXPECT_THAT(kept(base("read_expire"), package), UnorderedElementsAre(tick));
  EXPECT_THAT(kept(base("create_expire"), package), IsEmpty());
}

TEST(Prune, KeepsWhatAMissingEntryCalls) {
  EXPECT_THAT(kept("export { global a = 0; }\nfunction made(k: string): count { return ++a; }\n"
                   "global t: table[string] of count &default=made;\n"
                   "event tick() { local n = t[\"x\"]; }\n",
                   "event zeek_done() { print Base::a; }"),
              UnorderedElementsAre(tick, "function Base::made"));
}

TEST(Prune, KeepsWhatMayBeCalledThroughAValue) {
  EXPECT_THAT(kept("export { global a = 0; }\n"
                   "function one(n: count) { a = n; }\nfunction other(s: string) { }\n"
                   "global actions: table[string] of function(n: count) = { [\"x\"] = one };\n"
                   "global texts: table[string] of function(s: string) = { [\"x\"] = other };\n"
                   "event tick() { actions[\"x\"](1); }\nevent tock() { texts[\"x\"](\"\"); }\n",
                   "event zeek_done() { print Base::a; }"),
              UnorderedElementsAre(tick, "function Base::one"));
}

TEST(Prune, KeepsLambdasAndWhatTheyTookAlong) {
  EXPECT_THAT(
      kept("export { global f: function(): count = function(): count { return 0; }; }\n"
           "global n = 0;\n"
           "event tick() { local held = n; f = function[held](): count { return held; }; }\n"
           "event tock() { ++n; }\n",
           "event zeek_done() { print Base::f(); }"),
      UnorderedElementsAre(tick, tock, "a lambda"));
}

TEST(Prune, KeepsAWhenThatChangesWhatIsRead) {
  EXPECT_THAT(kept("export { global a = 0; }\nglobal b = 0;\n"
                   "event tick() { when [] (b > 0) { ++a; } }\nevent tock() { ++b; }\n",
                   "event zeek_done() { print Base::a; }"),
              testing::IsSupersetOf({tick, tock}));
}

TEST(Prune, KeepsWhatAddsToAnOpaqueValue) {
  EXPECT_THAT(kept("export { global seen = bloomfilter_basic_init(0.1, 100); }\n"
                   "global other = bloomfilter_basic_init(0.1, 100);\n"
                   "event tick() { bloomfilter_add(seen, 1); }\n"
                   "event tock() { if (bloomfilter_lookup(seen, 2) > 0) return; }\n",
                   "event zeek_done() { print bloomfilter_lookup(Base::seen, 1); }"),
              UnorderedElementsAre(tick));
}

TEST(Prune, KeepsOneSequenceOfRandomNumbers) {
  const std::string base =
      "event tick() { if (rand(10) > 5) return; }\n"
      "event tock() { local id = unique_id(\"x\"); }\n";
  EXPECT_THAT(kept(base, "event zeek_done() { print rand(10); }"),
              UnorderedElementsAre(tick, tock));
  EXPECT_THAT(kept(base, "event zeek_done() { print 10; }"), IsEmpty());
}

TEST(Prune, KeepsTheCausesOfWeirdsForAPackageThatHandlesThem) {
  const std::string base = "event tick() { Reporter::net_weird(\"odd\"); }\n";
  EXPECT_THAT(kept(base, "event net_weird(name: string, addl: string, source: string) { }"),
              Contains(tick));
  EXPECT_THAT(kept(base, "event zeek_done() { }"), IsEmpty());
}

TEST(Prune, KeepsEverythingBesideAPackageThatLooksThingsUpByName) {
  Pruned pruned("event tick() { }\n", "event zeek_done() { print lookup_ID(\"Base::a\"); }");
  EXPECT_THAT(pruned.kept(), UnorderedElementsAre(tick));
  EXPECT_EQ(pruned.outcome().everything, "event zeek_done (priority 0) calls lookup_ID");
  EXPECT_EQ(pruned.outcome().dropped, 0u);
}

// ---- Logs

constexpr const char* logging =
    "export { redef enum Log::ID += { LOG };\n"
    "type Info: record { ts: time &log; uid: string &log; remark: string &log &optional;\n"
    "  words: set[string] &log &default=set(); };\n"
    "global log_base: event(rec: Info); global log_policy: Log::PolicyHook;\n"
    "global row: Info = Info($ts=network_time(), $uid=\"C1\"); }\n"
    "event zeek_init() &priority=5 { Log::create_stream(LOG, Log::Stream($columns=Info, "
    "$ev=log_base, $path=\"base\", $policy=log_policy)); }\n"
    "event tick() { Log::write(LOG, row); }\n"
    "event tock() { row$remark = \"x\"; }\n";
constexpr const char* creates = "event zeek_init (priority 5)";

TEST(PruneLogs, DropsRowsThatThePackageHasNoPartIn) {
  EXPECT_THAT(kept(logging, "event zeek_done() { }"), IsEmpty());
}

TEST(PruneLogs, KeepsRowsToWhichThePackageAddsAColumnAndWhatIdentifiesThem) {
  const std::string adds =
      "redef record Base::Info += { extra: count &log &optional; };\n"
      "event tick() &priority=5 { Base::row$extra = 1; }";
  EXPECT_THAT(kept(logging, adds), UnorderedElementsAre(tick, creates));
  EXPECT_THAT(kept(std::string(logging) + "event tick() &priority=9 { row$uid = \"C2\"; }\n", adds),
              UnorderedElementsAre(tick, creates, "event tick (priority 9)"));
}

TEST(PruneLogs, KeepsRowsWithASetThatThePackagePutsElementsInto) {
  EXPECT_THAT(kept(logging, "event tick() &priority=5 { add Base::row$words[\"mine\"]; }"),
              UnorderedElementsAre(tick, creates));
}

TEST(PruneLogs, KeepsWholeRowsForAFilterOfThePackage) {
  EXPECT_THAT(kept(logging,
                   "event zeek_init() { Log::add_filter(Base::LOG, "
                   "Log::Filter($name=\"mine\", $path=\"mine\")); }"),
              UnorderedElementsAre(tick, tock, creates));
  EXPECT_THAT(kept(logging,
                   "event zeek_init() { for (id in Log::active_streams) "
                   "Log::add_filter(id, Log::Filter($name=\"mine\")); }"),
              testing::IsSupersetOf({tick, tock, creates}));
}

TEST(PruneLogs, KeepsRowsThatAPolicyHookOfThePackageSees) {
  EXPECT_THAT(kept(logging,
                   "hook Base::log_policy(rec: Base::Info, id: Log::ID, "
                   "filter: Log::Filter) { print rec$uid; }"),
              UnorderedElementsAre(tick, creates));
  EXPECT_THAT(kept(logging, "hook Log::log_stream_policy(rec: any, id: Log::ID) { print id; }"),
              testing::IsSupersetOf({tick, creates}));
}

TEST(PruneLogs, KeepsRowsWhoseEventThePackageHandles) {
  EXPECT_THAT(kept(logging, "event Base::log_base(rec: Base::Info) { print rec$remark; }"),
              UnorderedElementsAre(tick, tock, creates));
}

TEST(PruneLogs, KeepsAStreamIntoWhichThePackageWrites) {
  EXPECT_THAT(kept(logging, "event tick() { Log::write(Base::LOG, Base::row); }"),
              UnorderedElementsAre(creates, tock));
}

// ---- Connections

constexpr const char* flows =
    "module GLOBAL;\nglobal packet: event(c: connection);\n"
    "event packet(c: connection) { local n = c$uid; }\n"
    "event connection_state_remove(c: connection) { }\n";

TEST(PruneConnections, AsksForFieldsOfAConnectionThatIsLookedAtLater) {
  EXPECT_THAT(
      Pruned(flows, "event packet(c: connection) { print c$history; }").outcome().refreshing,
      IsEmpty());
  const std::string keeps =
      "global all: table[string] of connection;\n"
      "event connection_state_remove(c: connection) { all[c$uid] = c; }\n";
  EXPECT_THAT(Pruned(flows, keeps + "event zeek_done() { for (_, c in all) print c$uid; }")
                  .outcome()
                  .refreshing,
              IsEmpty());
  EXPECT_THAT(Pruned(flows, keeps + "event zeek_done() { for (_, c in all) print c$history; }")
                  .outcome()
                  .refreshing,
              testing::IsSupersetOf({"packet", "connection_state_remove"}));
  EXPECT_THAT(Pruned(flows,
                     "event later(c: connection) { print c$orig$size; }\n"
                     "event connection_state_remove(c: connection) "
                     "{ schedule 1sec { later(c) }; }")
                  .outcome()
                  .refreshing,
              Contains("connection_state_remove"));
}

TEST(PruneConnections, AsksForEachConnectionIfSomeAreLookedUp) {
  Pruned pruned("event new_connection(c: connection) { local n = c$uid; }\n",
                "event tick() { print connection_exists(conn_id($orig_h=1.2.3.4, $orig_p=1/tcp, "
                "$resp_h=1.2.3.4, $resp_p=1/tcp)); }");
  EXPECT_THAT(pruned.outcome().refreshing, ElementsAre("new_connection"));
  EXPECT_THAT(pruned.kept(), IsEmpty());
}

// ---- Runs

TEST(Prune, ChangesNothingThatThePackagePrints) {
  const std::string base =
      std::string(head) +
      "export { global a = 0; global seen: table[string] of count &default=0;\n"
      "global then: event(n: count); }\nglobal b = 0;\n"
      "function twice(n: count): count { return 2 * n; }\n"
      "event tick() { ++b; a = twice(b); ++seen[fmt(\"t%d\", b % 2)]; event Base::then(b); }\n"
      "event tock() { local s = set(1, 2); print |s|; }\n";
  const std::string package =
      "event Base::then(n: count) { print \"then\", n, Base::a; }\n"
      "event zeek_done() { for (k, n in Base::seen) print k, n; }\n";
  std::string printed[2];
  for (bool prune : {false, true}) {
    ScriptBench bench({.base = base, .package = package, .prune = prune});
    bench.start();
    for (int i = 0; i < 3; ++i) {
      ASSERT_TRUE(bench.engine().raise("tick"));
      bench.engine().drain();
    }
    bench.engine().finish();
    printed[prune] = bench.printed();
    EXPECT_THAT(bench.reports(), IsEmpty());
  }
  EXPECT_EQ(printed[0], printed[1]);
  EXPECT_THAT(printed[0], testing::HasSubstr("then, 3, 6\n"));
}

TEST(Prune, KnowsNativeFunctionsByNamesThatExist) {
  std::set<std::string_view> names;
  for (const vm::NativeRow* row : driver::standardNatives()) names.insert(row->name);
  for (std::string_view known : knownNatives())
    EXPECT_TRUE(names.contains(known)) << known << " is in the table and nowhere else";
}

}  // namespace
}  // namespace bulkhead::prune
