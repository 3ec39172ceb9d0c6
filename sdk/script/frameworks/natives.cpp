#include "sdk/script/frameworks/natives.h"

#include "sdk/script/frameworks/families.h"

#include <vector>

namespace bulkhead::frameworks {

std::span<const vm::NativeRow> allNatives() {
  static const std::vector<vm::NativeRow> all = [] {
    std::vector<vm::NativeRow> rows;
    for (auto family : {logRows(), optionRows(), clusterRows()})
      rows.insert(rows.end(), family.begin(), family.end());
    return rows;
  }();
  return all;
}

}  // namespace bulkhead::frameworks
