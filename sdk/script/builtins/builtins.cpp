#include "sdk/script/builtins/builtins.h"

#include "sdk/script/builtins/families.h"

namespace bulkhead::builtins {

std::vector<Family> families() {
  return {
      {"strings", stringRows()},
      {"classes of strings", stringClassRows()},
      {"patterns", patternRows()},
      {"encodings", encodingRows()},
      {"formatting", formatRows()},
      {"addresses and ports", addressRows()},
      {"anonymous addresses", anonymizeRows()},
      {"numbers and times", conversionRows()},
      {"containers", containerRows()},
      {"messages and the run", reporterRows()},
      {"weirds", weirdRows()},
      {"the running event", eventRows()},
      {"hashes", hashRows()},
      {"bloom filters", bloomRows()},
      {"other sketches", sketchRows()},
      {"JSON", jsonRows()},
      {"types, fields and names", reflectionRows()},
      {"texts of protocols", protocolRows()},
      {"certificates", certificateRows()},
      {"traffic", trafficRows()},
      {"the analysis of traffic", steeringRows()},
      {"files and the outside", outsideRows()},
  };
}

std::span<const vm::NativeRow> allBuiltins() {
  static const std::vector<vm::NativeRow> all = [] {
    std::vector<vm::NativeRow> rows;
    for (const Family& family : families())
      rows.insert(rows.end(), family.rows.begin(), family.rows.end());
    return rows;
  }();
  return all;
}

}  // namespace bulkhead::builtins
