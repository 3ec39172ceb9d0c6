// What a package's compartment writes of the logs that the site writes too.

#include "sdk/script/frameworks/log/log-bench.h"

#include <gmock/gmock.h>

namespace bulkhead::frameworks {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

// A protocol of the base library: an event makes a row, packages may complete it, then it is
// written.
constexpr const char* base = R"(
module Base;
export {
  redef enum Log::ID += { LOG, OTHER };
  type Tag: enum { PLAIN, ODD };
  type Info: record {
    ts: time &log;
    uid: string &log;
    size: count &log &default=7;
    tags: set[Tag] &log &default=set();
    words: set[string] &log &optional;
  };
  global complete: hook(rec: Info);
  global policy: Log::PolicyHook;
  global mark: function(rec: Info);
}
function mark(rec: Info) { add rec$tags[ODD]; }
event zeek_init() &priority=5 {
  Log::create_stream(LOG, Log::Stream($columns=Info, $path="base", $policy=policy));
  Log::create_stream(OTHER, Log::Stream($columns=Info, $path="other"));
}
global go: event();
event go() {
  local rec = Info($ts=double_to_time(5.0), $uid="C1", $words=set("site"));
  add rec$tags[PLAIN];
  hook complete(rec);
  Log::write(LOG, rec);
  Log::write(OTHER, copy(rec));
}
)";

struct Contributions : testing::Test {
  // The rows that a package with that script sends for one event.
  std::vector<TestSink::Written> after(std::string package, bool site = false) {
    bench.emplace(driver::ScriptBench::Texts{.base = base, .package = std::move(package)}, site);
    bench->raise("Base::go", 77);
    return std::exchange(bench->sink.rows, {});
  }
  static std::vector<std::string> shownRows(const std::vector<TestSink::Written>& rows) {
    std::vector<std::string> out;
    for (const auto& row : rows)
      out.push_back(row.path + (row.kind == LogRowKind::contribution ? "+ " : ": ") + row.values);
    return out;
  }
  std::optional<LogBench> bench;
};

TEST_F(Contributions, APackageThatOnlyLooksSendsNothing) {
  auto rows = after("hook Base::complete(rec: Base::Info) { print rec$tags, |rec$words|; }");
  EXPECT_THAT(rows, IsEmpty());
  EXPECT_FALSE(bench->script.printed().empty());
  EXPECT_EQ(bench->log().rowsWritten(), 0u);
}

TEST_F(Contributions, InTheSiteTheSameWriteIsAWholeRow) {
  EXPECT_THAT(shownRows(after("", true)),
              ElementsAre("base: ts=5 uid=C1 size=7 tags={Base::PLAIN} words={site}",
                          "other: ts=5 uid=C1 size=7 tags={Base::PLAIN} words={site}"));
}

TEST_F(Contributions, AColumnOfThePackageTravelsWithWhatIdentifiesTheRow) {
  auto rows = after(R"(
redef record Base::Info += { extra: string &log &optional; };
hook Base::complete(rec: Base::Info) { rec$extra = "e"; rec$size = 9; })");
  EXPECT_THAT(shownRows(rows),
              ElementsAre("base+ ts=5 uid=C1 extra=e", "other+ ts=5 uid=C1 extra=e"));
  EXPECT_EQ(rows[0].cause, (LogCause{77, false}));
  const LogDescriptor& log = bench->sink.opened[0];
  EXPECT_TRUE(log.standard);
  EXPECT_EQ(log.columns.back().origin, LogColumnOrigin::package);
  EXPECT_TRUE(log.columns[1].identifying);
  EXPECT_FALSE(log.columns[2].identifying);
}

TEST_F(Contributions, ASetTravelsIfThePackagePutSomethingIn) {
  // An element of the base's own type, a plain string, and through a function of the base: each
  // set alone. The second stream's row is a copy of the first one's.
  EXPECT_THAT(shownRows(after("hook Base::complete(rec: Base::Info) { add rec$words[\"p\"]; }")),
              ElementsAre("base+ ts=5 uid=C1 words={site,p}", "other+ ts=5 uid=C1 words={site,p}"));
  EXPECT_THAT(shownRows(after("hook Base::complete(rec: Base::Info) { Base::mark(rec); }")),
              ElementsAre("base+ ts=5 uid=C1 tags={Base::PLAIN,Base::ODD}",
                          "other+ ts=5 uid=C1 tags={Base::PLAIN,Base::ODD}"));
  EXPECT_THAT(shownRows(after(R"(
redef enum Base::Tag += { MINE };
function other(s: set[Base::Tag]) { local alias = s; add alias[MINE]; }
hook Base::complete(rec: Base::Info) { other(rec$tags); })")),
              ElementsAre("base+ ts=5 uid=C1 tags={Base::PLAIN,MINE}",
                          "other+ ts=5 uid=C1 tags={Base::PLAIN,MINE}"));
  EXPECT_THAT(shownRows(after(R"(
hook Base::complete(rec: Base::Info) { rec$words = rec$words | set("u"); })")),
              ElementsAre("base+ ts=5 uid=C1 words={site,u}", "other+ ts=5 uid=C1 words={site,u}"));
}

TEST_F(Contributions, ASetOfThePackagesOwnIsNobodysBusiness) {
  EXPECT_THAT(after(R"(
global seen: set[string];
hook Base::complete(rec: Base::Info) {
  add seen[rec$uid];
  add rec$words["site"];  # is there already
  delete rec$words["nothing"];
})"),
              IsEmpty());
}

TEST_F(Contributions, WithAPackageFrameOnThePathTheRowIsWhole) {
  auto rows = after(R"(
event later(uid: string) { Log::write(Base::LOG, Base::Info($ts=double_to_time(6.0), $uid=uid)); }
hook Base::complete(rec: Base::Info) { event later(rec$uid); })");
  EXPECT_THAT(shownRows(rows), ElementsAre("base: ts=6 uid=C1 size=7 tags={}"));
  EXPECT_EQ(rows[0].cause, (LogCause{77, true}));
}

TEST_F(Contributions, AHookOfThePackageMayPutInAndVeto) {
  EXPECT_THAT(shownRows(after(R"(
hook Base::policy(rec: Base::Info, id: Log::ID, filter: Log::Filter) { add rec$words["h"]; })")),
              ElementsAre("base+ ts=5 uid=C1 words={site,h}", "other+ ts=5 uid=C1 words={site,h}"));
  EXPECT_THAT(shownRows(after(R"(
redef record Base::Info += { extra: string &log &default="e"; };
hook Base::policy(rec: Base::Info, id: Log::ID, filter: Log::Filter) { break; })")),
              ElementsAre("other+ ts=5 uid=C1 extra=e"));
}

TEST_F(Contributions, AFilterOfThePackageIsItsOwnWithWholeRows) {
  auto rows = after(R"(
event zeek_init() { Log::add_filter(Base::LOG, Log::Filter($name="mine", $path="mine")); })");
  EXPECT_THAT(shownRows(rows),
              ElementsAre("mine: ts=5 uid=C1 size=7 tags={Base::PLAIN} words={site}"));
  EXPECT_FALSE(bench->sink.opened.at(0).standard);
}

TEST_F(Contributions, ADefaultFilterThatThePackageReplacedIsItsOwn) {
  auto rows = after(R"(
event zeek_init() {
  Log::add_filter(Base::LOG, Log::Filter($name="default", $path="base", $include=set("uid")));
})");
  EXPECT_THAT(shownRows(rows), ElementsAre("base: uid=C1"));
  EXPECT_FALSE(bench->sink.opened.at(0).standard);
}

TEST_F(Contributions, AnnouncingOpensWhatHasAFixedPathInTheOrderOfStreams) {
  const char* package = R"(
module P;
export { redef enum Log::ID += { LOG, SPLIT }; }
type Info: record { a: count &log; };
redef record Base::Info += { extra: string &log &optional; };
event zeek_init() {
  Log::create_stream(LOG, Log::Stream($columns=Info));
  Log::create_stream(SPLIT, Log::Stream($columns=Info, $path="split"));
  Log::add_filter(SPLIT, Log::Filter($name="default", $path_func=function(id: Log::ID,
      path: string, rec: Info): string { return cat("split", rec$a); }));
}
)";
  after(package);
  auto before = bench->openedPaths();
  EXPECT_THAT(before, Not(Contains("p")));
  bench.emplace(driver::ScriptBench::Texts{.base = base, .package = package}, false);
  EXPECT_THAT(bench->openedPaths(), IsEmpty());
  bench->log().announce();
  EXPECT_THAT(bench->script.reports(), IsEmpty());
  EXPECT_THAT(bench->openedPaths(), ElementsAre("base", "other", "p"));
  bench->log().announce();
  EXPECT_EQ(bench->sink.opened.size(), 3u) << "once";
}

}  // namespace
}  // namespace bulkhead::frameworks
