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
};

// The columns of `record` in their order. `problem` names a field that cannot be logged.
std::vector<ColumnPath> columnsOf(const types::RecordType& record, const ColumnRules& rules,
                                  std::string& problem);

// What a row may hold; the rest is cut. 0: no limit.
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
        stringsLeft_(orUnlimited(limits.totalString)),
        elementsLeft_(orUnlimited(limits.totalElements)) {}
  LogValue value(const vm::RecordObject& record, const ColumnPath& path);
  // True for a set that a package put elements into.
  static bool touchedByPackage(const vm::RecordObject& record, const ColumnPath& path);
  // How many strings and containers were cut.
  unsigned cutStrings() const { return cutStrings_; }
  unsigned cutContainers() const { return cutContainers_; }

 private:
  static uint64_t orUnlimited(uint64_t limit) { return limit == 0 ? UINT64_MAX : limit; }
  LogValue convert(const types::Type* type, vm::Slot slot);
  std::string bounded(std::string_view text);
  uint64_t boundedSize(uint64_t size);

  vm::Vm& vm_;
  const RowLimits& limits_;
  uint64_t stringsLeft_, elementsLeft_;
  unsigned cutStrings_ = 0, cutContainers_ = 0;
};

}  // namespace bulkhead::frameworks
