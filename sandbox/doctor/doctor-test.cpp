#include "sandbox/doctor/doctor.h"

#include <gtest/gtest.h>

namespace bulkhead::sandbox {
namespace {

Machine machineWith(LayerSet layers) {
  Machine machine;
  machine.kernel = "Linux 6.1";
  machine.layers = layers;
  for (int i = 0; i < layerCount; ++i) {
    const auto layer = static_cast<Layer>(i);
    machine.findings.push_back({layer, layers.has(layer), layers.has(layer) ? "" : "switched off"});
  }
  return machine;
}

TEST(Doctor, ACompleteMachineHasNothingToSay) {
  const Machine machine = machineWith(LayerSet::all());
  EXPECT_EQ(missingLayersText(machine), "");
  EXPECT_EQ(unmetRequirement(machine, LayerSet::all()), "");
  const std::string text = doctorText(machine);
  EXPECT_EQ(text.find("kernel: Linux 6.1\n  seccomp            yes      refuses every"), 0u)
      << text;
  EXPECT_NE(text.find("Every layer is there.\n"), std::string::npos);
}

TEST(Doctor, AMissingLayerIsSaidWithItsMeaningAndReason) {
  LayerSet layers = LayerSet::all();
  layers.remove(Layer::cgroupMemory);
  const Machine machine = machineWith(layers);
  EXPECT_EQ(missingLayersText(machine),
            "not enforced here: cgroup-memory, which ends a package that uses more memory than its "
            "limit (switched off)\n");
  EXPECT_EQ(unmetRequirement(machine, {Layer::seccomp}), "");
  EXPECT_EQ(unmetRequirement(machine, {Layer::seccomp, Layer::cgroupMemory}),
            "required layer missing: cgroup-memory (switched off)\n");
  EXPECT_NE(doctorText(machine).find("cgroup-memory      MISSING "), std::string::npos);
}

TEST(Doctor, AMachineThatCannotHideFilesRunsNothing) {
  LayerSet layers = LayerSet::all();
  layers.remove(Layer::emptyRoot);
  layers.remove(Layer::landlock);
  EXPECT_NE(doctorText(machineWith(layers)).find("Packages cannot be run on this machine: neither"),
            std::string::npos);
}

TEST(Doctor, ThisMachineIsExaminedAndEveryLayerHasAWord) {
  const Machine machine = examineMachine();
  ASSERT_EQ(machine.findings.size(), static_cast<size_t>(layerCount));
  for (const LayerFinding& finding : machine.findings) {
    EXPECT_EQ(finding.available, machine.has(finding.layer)) << layerName(finding.layer);
    EXPECT_NE(finding.detail, "not tried") << layerName(finding.layer);
  }
}

}  // namespace
}  // namespace bulkhead::sandbox
