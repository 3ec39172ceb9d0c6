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
  UniqueIds scripts(*key, Pool::scripts), first(*key, Pool::custom), eighth(*key, Pool(1007));
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

}  // namespace
}  // namespace bulkhead::builtins
