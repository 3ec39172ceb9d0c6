#pragma once
// How a stream's record becomes a flat row: the columns of one filter, and the values of one
// record.
//
// Private to the log framework. Pure with respect to the Vm: records are read, no script runs.
// Source: Zeek's "Logging framework" page (&log, include, exclude, field_name_map, scope_sep).

#include "common/log-value.h"
#include "sdk/script/vm/vm.h"

#include <functional>
#include <string>
#include <vector>

namespace bulkhead::frameworks {

struct ColumnRules {
  std::string scopeSeparator = ".";
  // Empty predicates let everything through. Names are those before the map.
  std::function<bool(const std::string&)> wanted;
  std::function<std::string(const std::string&)> rename;
};

struct ColumnPath {
  std::vector<uint32_t> fields;  // offsets, outermost record first
  const types::Type* type = nullptr;
  LogColumn column;
  // A set column of the base whose element type a package has added values to.
  bool extensible = false;
};

// The columns of `record` in their order. `problem` names a field that cannot be logged.
std::vector<ColumnPath> columnsOf(const types::RecordType& record, const ColumnRules& rules,
                                  std::string& problem);

// What a row may hold; the rest is cut.
struct RowLimits {
  uint64_t fieldString = 4096;
  uint64_t totalString = 256'000;
  uint64_t fieldElements = 100;
  uint64_t totalElements = 500;
};

class RowMaker {
 public:
  RowMaker(vm::Vm& vm, const RowLimits& limits)
      : vm_(vm),
        limits_(limits),
        stringsLeft_(limits.totalString),
        elementsLeft_(limits.totalElements) {}
  LogValue value(const vm::RecordObject& record, const ColumnPath& path);
  bool cutString() const { return cutString_; }
  bool cutContainer() const { return cutContainer_; }

 private:
  LogValue convert(const types::Type* type, vm::Slot slot);
  std::string bounded(std::string_view text);
  uint64_t boundedSize(uint64_t size);

  vm::Vm& vm_;
  const RowLimits& limits_;
  uint64_t stringsLeft_, elementsLeft_;
  bool cutString_ = false, cutContainer_ = false;
};

}  // namespace bulkhead::frameworks
