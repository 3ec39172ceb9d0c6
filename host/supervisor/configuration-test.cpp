#include "host/supervisor/configuration.h"

#include <gtest/gtest.h>

namespace bulkhead::supervisor {
namespace {

TEST(Configuration, APackageBeginsWithTheDefaultsWhereverTheyStand) {
  Configuration to;
  EXPECT_EQ(readConfiguration("stall-seconds = 3\n"
                              "[package.a]\nmemory = \"64M\"\n"
                              "[defaults]\ncpu = \"50%\"\npids = 4\nbudget = 1000\n",
                              "b.toml", to),
            "");
  EXPECT_EQ(to.stallSeconds, 3u);
  EXPECT_EQ(to.of("a").sandbox.memoryBytes, uint64_t{64} << 20);
  EXPECT_EQ(to.of("a").sandbox.cpuPercent, 50u);
  EXPECT_EQ(to.of("a").sandbox.pids, 4u);
  EXPECT_EQ(to.of("a").budget, 1000u);
  EXPECT_EQ(to.of("other").sandbox.memoryBytes, sandbox::defaultMemoryBytes);
}

TEST(Configuration, OnePackageMayRunTheWholeBaseLibrary) {
  Configuration to;
  EXPECT_EQ(readConfiguration("[package.a]\nprune = false\n", "b.toml", to), "");
  EXPECT_FALSE(to.of("a").prune);
  EXPECT_TRUE(to.of("other").prune);
  EXPECT_EQ(readConfiguration("[defaults]\nprune = 1\n", "b.toml", to),
            "b.toml:2: prune: true or false is expected");
}

TEST(Configuration, TheSiteHasNoLimitsUnlessTheyAreGiven) {
  Configuration to;
  EXPECT_FALSE(to.site.sandbox.memoryBytes);
  EXPECT_EQ(to.site.budget, 0u);
  EXPECT_EQ(readConfiguration("[site]\nmemory = \"1G\"\nmax-abandoned = 2\n", "b.toml", to), "");
  EXPECT_EQ(to.site.sandbox.memoryBytes, uint64_t{1} << 30);
  EXPECT_EQ(to.site.maxAbandoned, 2u);
}

TEST(Configuration, EachMistakeIsSaidWithItsLine) {
  struct {
    const char* text;
    const char* said;
  } cases[] = {
      {"[defaults]\nmemroy = \"1G\"\n", "b.toml:2: unknown key \"memroy\" in [defaults]"},
      {"\ntypo = 1\n", "b.toml:2: unknown key \"typo\""},
      {"[package.a]\ncpu = \"much\"\n", "b.toml:2: cpu: "},
      {"[package]\na = 3\n", "b.toml:2: package.a: a table is expected"},
      {"[defaults]\nbudget = -1\n", "b.toml:2: budget: a number from 0 to"},
      {"[worker]\nbudget = 1\n", "b.toml:2: unknown key \"budget\" in [worker]"},
      {"[defaults\n", "b.toml:1: "},
      {"[defaults]\nmemory = [1]\n", "b.toml:2: memory: a text or a number is expected"},
  };
  for (const auto& each : cases) {
    Configuration to;
    EXPECT_EQ(readConfiguration(each.text, "b.toml", to).find(each.said), 0u)
        << readConfiguration(each.text, "b.toml", to);
  }
}

TEST(Configuration, AMissingFileIsNamed) {
  Configuration to;
  EXPECT_EQ(loadConfiguration("/nonexistent/b.toml", to),
            "/nonexistent/b.toml: No such file or directory");
}

}  // namespace
}  // namespace bulkhead::supervisor
