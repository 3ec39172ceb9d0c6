#include "sandbox/cgroup/cgroup.h"

#include "sandbox/cgroup/cgroup-files.h"

namespace bulkhead::sandbox {

CgroupTreeResult openCgroupTree() {
  const auto mounts = findCgroupMounts();
  kj::Vector<kj::String> reasons;
  for (const CgroupMount& mount : mounts) {
    if (!mount.isVersion2) continue;
    auto result = openVersion2(mount);
    if (result.tree != nullptr) return result;
    reasons.add(kj::mv(result.reason));
  }
  auto result = openVersion1(mounts.asPtr());
  if (result.tree != nullptr) return result;
  reasons.add(kj::mv(result.reason));
  return {nullptr, kj::strArray(reasons, "; ")};
}

}  // namespace bulkhead::sandbox
