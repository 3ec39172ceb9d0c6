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

TEST(Configuration, TheCommandLineGoesOverTheDefaultsAndAPackagesOwnGoesOverBoth) {
  Configuration to;
  EXPECT_EQ(readConfiguration("[defaults]\nmemory = \"128M\"\npids = 4\n"
                              "[package.a]\ncpu = \"50%\"\n"
                              "[package.b]\nmemory = \"64M\"\n",
                              "b.toml", to,
                              [](CompartmentLimits& defaults) {
                                defaults.sandbox.memoryBytes = uint64_t{32} << 20;
                              }),
            "");
  EXPECT_EQ(to.of("other").sandbox.memoryBytes, uint64_t{32} << 20);
  EXPECT_EQ(to.of("other").sandbox.pids, 4u);
  EXPECT_EQ(to.of("a").sandbox.memoryBytes, uint64_t{32} << 20);
  EXPECT_EQ(to.of("a").sandbox.cpuPercent, 50u);
  EXPECT_EQ(to.of("b").sandbox.memoryBytes, uint64_t{64} << 20);
  EXPECT_FALSE(to.site.sandbox.memoryBytes);
}

TEST(Configuration, RestartsAndQuarantineAreAPackagesToo) {
  Configuration to;
  EXPECT_EQ(readConfiguration("[defaults]\nrestart-seconds = 0.1\nquarantine-ends = 0\n"
                              "[package.a]\nquarantine-ends = 2\nquarantine-seconds = 86400\n"
                              "longest-restart-seconds = 5\n",
                              "b.toml", to),
            "");
  EXPECT_EQ(to.of("other").restart.firstDelay, 0.1);
  EXPECT_EQ(to.of("other").restart.mostEnds, 0u);
  EXPECT_EQ(to.of("other").restart.longestDelay, RestartLimits().longestDelay);
  EXPECT_EQ(to.of("a").restart.firstDelay, 0.1);
  EXPECT_EQ(to.of("a").restart.mostEnds, 2u);
  EXPECT_EQ(to.of("a").restart.window, 86400);
  EXPECT_EQ(to.of("a").restart.longestDelay, 5);
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

TEST(Configuration, PackagesHaveTheGrantsThatAreNamed) {
  Configuration to;
  EXPECT_TRUE(to.site.grants.commands) << "the operator's own scripts";
  EXPECT_EQ(to.site.grants.files, std::vector<std::string>{"."});
  EXPECT_EQ(readConfiguration("[package.a]\ngrants = [\"lookups\", \"environment\"]\n"
                              "files = [\"/srv/a\"]\n[site]\ngrants = []\n",
                              "b.toml", to),
            "");
  EXPECT_TRUE(to.of("a").grants.lookups && to.of("a").grants.environment);
  EXPECT_FALSE(to.of("a").grants.commands);
  EXPECT_EQ(to.of("a").grants.files, std::vector<std::string>{"/srv/a"});
  EXPECT_FALSE(to.of("b").grants.lookups);
  EXPECT_TRUE(to.of("b").grants.files.empty());
  EXPECT_FALSE(to.site.grants.commands) << "taken away";
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
      {"[defaults]\nrestart-seconds = 0.09\n",
       "b.toml:2: restart-seconds: seconds from 0.1 to 86400"},
      {"[defaults]\nquarantine-seconds = 86401\n", "b.toml:2: quarantine-seconds: seconds from 1"},
      {"[defaults]\nquarantine-ends = 10001\n", "b.toml:2: quarantine-ends: a number from 0 to"},
      {"[defaults]\nquarantine-ends = \"5\"\n", "b.toml:2: quarantine-ends: a number from 0 to"},
      {"[worker]\nrestart-seconds = 1\n", "b.toml:2: unknown key \"restart-seconds\" in [worker]"},
      {"[package.a]\ngrants = [\"all\"]\n", "b.toml:2: grants: \"all\" is unknown"},
      {"[package.a]\ngrants = \"lookups\"\n", "b.toml:2: grants: a list of texts is expected"},
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
