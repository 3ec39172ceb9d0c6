#include "sandbox/doctor/doctor.h"

#include "sandbox/cgroup/cgroup.h"

#include <kj/debug.h>

#include <cstdio>

namespace bulkhead::sandbox {
namespace {

const LayerFinding& findingOf(const Machine& machine, Layer layer) {
  return machine.findings.at(static_cast<size_t>(layer));
}

}  // namespace

Machine examineMachine() {
  auto cgroups = openCgroupTree();
  CgroupTree* tree = nullptr;
  KJ_IF_MAYBE (found, cgroups.tree) tree = found->get();
  return probeMachine(tree, cgroups.reason);
}

std::string doctorText(const Machine& machine) {
  std::string text = "kernel: " + machine.kernel + "\n";
  for (const LayerFinding& finding : machine.findings) {
    char head[64];
    std::snprintf(head, sizeof(head), "  %-18s %-8s ", layerName(finding.layer),
                  finding.available ? "yes" : "MISSING");
    text += head;
    text += layerPurpose(finding.layer);
    if (!finding.detail.empty()) text += " (" + finding.detail + ")";
    text += "\n";
  }
  const std::string why = whyNothingCanRun(machine.layers);
  if (!why.empty()) {
    text += "Packages cannot be run on this machine: " + why + ".\n";
  } else if (machine.layers == LayerSet::all()) {
    text += "Every layer is there.\n";
  } else {
    text +=
        "Packages run confined by the layers that are there; the missing ones are said at the "
        "start of every run. --require makes them fatal.\n";
  }
  return text;
}

std::string missingLayersText(const Machine& machine) {
  std::string text;
  for (Layer layer : LayerSet::all().without(machine.layers).list()) {
    const LayerFinding& finding = findingOf(machine, layer);
    text +=
        std::string("not enforced here: ") + layerName(layer) + ", which " + layerPurpose(layer);
    if (!finding.detail.empty()) text += " (" + finding.detail + ")";
    text += "\n";
  }
  return text;
}

std::string unmetRequirement(const Machine& machine, LayerSet required) {
  std::string text;
  for (Layer layer : required.without(machine.layers).list()) {
    const LayerFinding& finding = findingOf(machine, layer);
    text += std::string("required layer missing: ") + layerName(layer);
    if (!finding.detail.empty()) text += " (" + finding.detail + ")";
    text += "\n";
  }
  return text;
}

}  // namespace bulkhead::sandbox
