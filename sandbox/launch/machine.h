#pragma once
// What this machine can enforce, found out by trying it: a child that does nothing builds and
// proves the layers. Made once at start; everything is launched according to it, so a layer that is
// here and then fails is an error and never a reason to go without.
//
// Plain data afterwards. Errors: kj::Exception only if not even a process can be made.

#include "sandbox/cgroup/cgroup.h"
#include "sandbox/policy/layers.h"

#include <kj/common.h>

#include <cstdint>
#include <string>
#include <vector>

namespace bulkhead::sandbox {

struct LayerFinding {
  Layer layer;
  bool available = false;
  // Version or means ("v2", "Landlock ABI 7"), or why it is missing.
  std::string detail;
};

struct Machine {
  LayerSet layers;
  std::vector<LayerFinding> findings;  // one per layer, in the order of Layer
  // Whether namespaces come with a user namespace (else directly, as root).
  bool viaUserNamespace = false;
  // Whether this process may map and change users.
  bool mayChangeUser = false;
  // User ids that no one else uses, for separateUser.
  uint32_t firstUser = 0;
  uint32_t userCount = 0;
  std::string kernel;

  bool has(Layer layer) const { return layers.has(layer); }
};

// Tries the layers out: a few milliseconds. The cgroup layers are the tree's word.
Machine probeMachine(const CgroupTree* cgroups, kj::StringPtr whyNoCgroups = nullptr);

}  // namespace bulkhead::sandbox
