#include "sandbox/doctor/doctor.h"

#include "sandbox/cgroup/cgroup.h"

#include <kj/debug.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace bulkhead::sandbox {
namespace {

const LayerFinding& findingOf(const Machine& machine, Layer layer) {
  return machine.findings.at(static_cast<size_t>(layer));
}

// The names of those that are missing of `wanted`, with commas; several often lack the same thing.
std::vector<std::pair<std::string, std::string>> byReason(const Machine& machine, LayerSet wanted) {
  std::vector<std::pair<std::string, std::string>> out;
  for (Layer layer : wanted.without(machine.layers).list()) {
    const LayerFinding& finding = findingOf(machine, layer);
    const std::string reason = finding.detail.empty() ? "" : " (" + finding.detail + ")";
    auto found = std::find_if(out.begin(), out.end(),
                              [&](const auto& each) { return each.first == reason; });
    if (found == out.end()) {
      out.emplace_back(reason, layerName(layer));
    } else {
      found->second += std::string(", ") + layerName(layer);
    }
  }
  return out;
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
  for (const auto& [reason, names] : byReason(machine, LayerSet::all()))
    text += "not enforced here: " + names + reason + "\n";
  if (!text.empty()) text += "(bulkhead doctor says what each of these would do)\n";
  return text;
}

std::string unmetRequirement(const Machine& machine, LayerSet required) {
  std::string text;
  for (const auto& [reason, names] : byReason(machine, required))
    text += (text.empty() ? "required, but not here: " : "; ") + names + reason;
  return text;
}

}  // namespace bulkhead::sandbox
