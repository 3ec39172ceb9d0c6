#include "sandbox/policy/layers.h"

#include <gtest/gtest.h>

namespace bulkhead::sandbox {
namespace {

TEST(Layers, RequiredLayersAreParsedByNameAndByGroup) {
  EXPECT_EQ(std::get<LayerSet>(parseRequired("seccomp, landlock")),
            (LayerSet{Layer::seccomp, Layer::landlock}));
  EXPECT_EQ(std::get<LayerSet>(parseRequired("all")), LayerSet::all());
  EXPECT_EQ(std::get<LayerSet>(parseRequired("cgroup")),
            (LayerSet{Layer::cgroupMemory, Layer::cgroupCpu, Layer::cgroupPids}));
}

TEST(Layers, AnUnknownLayerIsNamedWithTheKnownOnes) {
  const auto result = parseRequired("seccomp,firewall");
  ASSERT_TRUE(std::holds_alternative<std::string>(result));
  EXPECT_EQ(std::get<std::string>(result).find("unknown layer 'firewall'; known: all, "), 0u);
  EXPECT_TRUE(std::holds_alternative<std::string>(parseRequired("")));
}

TEST(Layers, NothingRunsWithoutAHiddenFileSystem) {
  EXPECT_EQ(whyNothingCanRun(LayerSet::all()), "");
  LayerSet some = LayerSet::all();
  some.remove(Layer::emptyRoot);
  EXPECT_EQ(whyNothingCanRun(some), "");
  some.remove(Layer::landlock);
  EXPECT_EQ(whyNothingCanRun(some), "neither an empty root nor Landlock can hide the file system");
  some.remove(Layer::seccomp);
  EXPECT_EQ(whyNothingCanRun(some).find("missing: seccomp; "), 0u);
}

}  // namespace
}  // namespace bulkhead::sandbox
