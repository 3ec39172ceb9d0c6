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

TEST(Doctor, MissingLayersAreSaidWithTheReasonThatTheyShare) {
  LayerSet layers = LayerSet::all();
  layers.remove(Layer::cgroupMemory);
  const Machine machine = machineWith(layers);
  EXPECT_EQ(missingLayersText(machine),
            "not enforced here: cgroup-memory (switched off)\n"
            "(bulkhead doctor says what each of these would do)\n");
  layers.remove(Layer::cgroupCpu);
  layers.remove(Layer::landlockNet);
  Machine poorer = machineWith(layers);
  poorer.findings[static_cast<size_t>(Layer::landlockNet)].detail = "too old";
  EXPECT_EQ(missingLayersText(poorer),
            "not enforced here: landlock-net (too old)\n"
            "not enforced here: cgroup-memory, cgroup-cpu (switched off)\n"
            "(bulkhead doctor says what each of these would do)\n");
  EXPECT_EQ(unmetRequirement(poorer, LayerSet::all()),
            "required, but not here: landlock-net (too old); cgroup-memory, cgroup-cpu (switched "
            "off)");
  EXPECT_EQ(unmetRequirement(machine, {Layer::seccomp}), "");
  EXPECT_EQ(unmetRequirement(machine, {Layer::seccomp, Layer::cgroupMemory}),
            "required, but not here: cgroup-memory (switched off)");
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
