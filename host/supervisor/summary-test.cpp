#include "host/supervisor/summary.h"

#include "host/supervisor/seeds.h"

#include <gtest/gtest.h>

namespace bulkhead::supervisor {
namespace {

Compartment& add(Compartments& to, const char* name) {
  auto& made = *to.emplace_back(std::make_unique<Compartment>());
  made.index = static_cast<uint32_t>(to.size() - 1);
  made.name = name;
  made.loaded = made.finished = true;
  made.outcome = sandbox::Exited{0};
  return made;
}

TEST(Summary, ShowsEachCompartmentAndBelowWhyItEnded) {
  Compartments all;
  auto& site = add(all, "site");
  site.usage = {.cpuNanoseconds = 1'250'000'000, .peakMemoryBytes = uint64_t{24} << 20};
  site.counts.events = 1000;
  site.counts.rows = 321;
  auto& spin = add(all, "spin-in-handler");
  spin.counts.abandoned = 3;
  spin.firstAbandoned = "budget of 100 instructions";
  auto& bad = add(all, "bad");
  bad.finished = false;
  bad.outcome = sandbox::Violation{.syscall = "openat", .nr = 257};
  bad.counts.gaps.push_back({17, 99, 5, "ended"});
  auto& typo = add(all, "typo");
  typo.loaded = typo.finished = false;
  typo.whyNotLoaded = "its scripts have errors";
  EXPECT_EQ(summaryTable(all),
            "package             cpu s   peak mem     events   gaps     rows   joined  verdict\n"
            "site                 1.25     24 MiB       1000      0      321        0  ok\n"
            "spin-in-handler      0.00    0 bytes          0      0        0        0  abandoned\n"
            "bad                  0.00    0 bytes          0      1        0        0  ended\n"
            "typo                 0.00    0 bytes          0      0        0        0  not-loaded\n"
            "spin-in-handler: 3 handlers abandoned, first: budget of 100 instructions\n"
            "bad: refused system call openat (nr 257)\n"
            "bad: gap 17-99 ended (5 events)\n"
            "typo: its scripts have errors\n");
}

TEST(Summary, TheFirstReasonOfTheHostIsTheCauseWhereTheProcessLeftByItself) {
  Compartments all;
  auto& each = add(all, "a");
  each.endReason = "wrote to a log that it never opened";
  EXPECT_EQ(each.verdict(), Verdict::ended);
  EXPECT_EQ(each.cause(), "wrote to a log that it never opened");
}

TEST(Summary, PackagesLogHasAValueForEveryColumn) {
  Compartments all;
  auto& each = add(all, "a");
  each.counts.gaps.push_back({1, 2, 3, "ended"});
  const auto columns = packagesLog(false).columns;
  EXPECT_TRUE(conforms(packagesRow({.compartment = each}, 1.5), columns));
  each.lastEnd = "signal SIGSEGV";
  const Gap gap{1, 2, 3, "suspended"};
  using Kind = PackagesRow::Kind;
  for (auto kind : {Kind::end, Kind::restart, Kind::quarantine, Kind::gap}) {
    auto row = packagesRow({.kind = kind, .compartment = each, .gap = &gap}, 1.5);
    EXPECT_TRUE(conforms(row, columns));
  }
  auto end = packagesRow({.kind = Kind::end, .compartment = each}, 1.5);
  EXPECT_EQ(columns[2].name, "what");
  EXPECT_EQ(end[2], LogValue::ofString("end"));
  EXPECT_EQ(columns[4].name, "cause");
  EXPECT_EQ(end[4], LogValue::ofString("signal SIGSEGV"));
  EXPECT_EQ(columns[9].name, "gaps");
}

TEST(Seeds, AFileHasTwentyOneNumbers) {
  std::vector<uint32_t> seeds;
  std::string text = "4294967295";
  for (int i = 1; i < 21; ++i) text += "\n" + std::to_string(i);
  EXPECT_EQ(parseSeeds(text + "\n", seeds), "");
  ASSERT_EQ(seeds.size(), seedWords);
  EXPECT_EQ(seeds.front(), 4294967295u);
  EXPECT_EQ(parseSeeds("1 2 3", seeds), "has 3 numbers, 21 are expected");
  EXPECT_EQ(parseSeeds("4294967296", seeds), "\"4294967296\" is no 32-bit number");
}

TEST(Seeds, ACaptureHasItsOwnAndAPipeAlwaysTheSame) {
  EXPECT_EQ(seedsOfCapture(-1), seedsOfCapture(-1));
  EXPECT_EQ(seedsOfCapture(-1).size(), seedWords);
}

}  // namespace
}  // namespace bulkhead::supervisor
