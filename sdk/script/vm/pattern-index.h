#pragma once
// Matches a string against all keys of a pattern-keyed table at once. Built from a table's keys and
// thrown away when they change.

#include <memory>
#include <string_view>
#include <vector>

namespace bulkhead::vm {

struct TableObject;

class PatternIndex {
 public:
  explicit PatternIndex(const TableObject& table);
  ~PatternIndex();

  // Entry numbers in order of insertion.
  std::vector<uint32_t> matching(const TableObject& table, std::string_view text) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bulkhead::vm
