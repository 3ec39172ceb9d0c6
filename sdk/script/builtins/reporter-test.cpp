#include "common/unique-id.h"
#include "sdk/script/builtins/services.h"
#include "sdk/script/driver/script-bench.h"

#include <gtest/gtest.h>

namespace bulkhead::builtins {
namespace {

using driver::ScriptBench;

std::vector<uint32_t> seeds() {
  std::vector<uint32_t> out;
  for (uint32_t i = 1; i <= 21; ++i) out.push_back(i * 1000003);
  return out;
}

TEST(UniqueIdFunctions, TheSeedFileDecidesWhatTheyAnswer) {
  ScriptBench bench({.site = R"(
event zeek_init() { print unique_id("N"), unique_id_from(0, "a"), unique_id("N"),
                          unique_id_from(7, "b"); })"});
  bench.start([](vm::Vm& vm) { vm.extension<Services>().facts.seeds = seeds(); });

  auto key = keyFromSeeds(seeds());
  ASSERT_TRUE(key);
  using Pool = UniqueIds::Pool;
  UniqueIds scripts(*key, Pool::scripts), first(*key, Pool::custom), eighth(*key, Pool(17));
  std::string one = scripts.next("N"), two = scripts.next("N");
  EXPECT_NE(one, two);
  EXPECT_EQ(bench.printed(),
            one + ", " + first.next("a") + ", " + two + ", " + eighth.next("b") + "\n");
}

TEST(UniqueIdFunctions, WithoutSeedsTheyRepeatFromRunToRun) {
  std::string script = "event zeek_init() { print unique_id(\"N\"), unique_id(\"N\"); }";
  ScriptBench one({.site = script}), two({.site = script});
  one.start();
  two.start();
  std::string printed = one.printed();
  EXPECT_GT(printed.size(), 20u);
  EXPECT_EQ(printed, two.printed());
}

TEST(UniqueIdFunctions, APoolThatDoesNotExistIsSaid) {
  ScriptBench bench({.site = R"(event zeek_init() { print unique_id_from(100000, "x"); })"});
  bench.start();
  EXPECT_EQ(bench.printed(), UniqueIds(UniqueIds::Pool::scripts).next("x") + "\n");
  EXPECT_EQ(bench.reports().size(), 1u);
}

TEST(UniqueIdFunctions, TheWidthIsBitsPerUid) {
  ScriptBench bench({.site = R"(
redef bits_per_uid = 64;
event zeek_init() { print unique_id("N"); })"});
  bench.start();
  EXPECT_EQ(bench.printed(), UniqueIds(UniqueIds::Pool::scripts).next("N", 64) + "\n");
}

TEST(Backtrace, NamesFunctionsAndWhereEachWasCalled) {
  ScriptBench bench({.site = R"(
function inner(a: count, b: string) {
  for (i, f in backtrace()) {
    local arguments = "";
    for (_, x in f$function_args) arguments += fmt(" %s:%s", x$name, x$type_name);
    print f$function_name + arguments, f?$line_location ? cat(f$file_location, f$line_location) : "-";
  }
}
function outer() { inner(1, "x"); }
event zeek_init() {
  outer();
}
)"});
  bench.start();
  EXPECT_EQ(bench.printed(),
            // This very call, and then the calls that led to it.
            "inner a:count b:string, test-site.zeek3\n"
            "inner a:count b:string, test-site.zeek9\n"
            "outer, test-site.zeek11\n"
            "zeek_init, -\n");
}

struct OneVariable final : Outside {
  Reply request(vm::Vm& vm, std::string_view function, std::span<const vm::TypedSlot> arguments,
                const types::Type* result) override {
    if (function != "getenv" || vm::textOf(arguments[0].slot) != "HOME") return {{}, "no grant"};
    return {vm::Value::adopt(result, vm::Slot::ofObject(vm.heap().string("/home"))), {}};
  }
};

TEST(Environment, IsWhatTheHostGrantsAndElseEmptyWithAWarning) {
  OneVariable outside;
  ScriptBench bench({.site = R"(
event zeek_init() { print getenv("HOME"), getenv("PATH"), lookup_location(10.0.0.1),
                          lookup_autonomous_system(10.0.0.1)?$number; })"});
  bench.start([&](vm::Vm& vm) { vm.extension<Services>().setOutside(outside); });
  EXPECT_EQ(bench.printed().substr(0, 8), "/home, ,");
  const auto reports = bench.reports();
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_NE(reports[0].find("no grant"), std::string::npos);
}

}  // namespace
}  // namespace bulkhead::builtins
