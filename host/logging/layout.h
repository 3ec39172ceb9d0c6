#pragma once
// The columns of one log file that several compartments write to.
//
// The site's columns stand first, in its order. A column that a package declared on a shared record
// stands where Zeek would put it: after the column that precedes it in the package's own record,
// and behind columns which packages before it put there. Pure; any thread.

#include "common/log-value.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::logging {

class ColumnLayout {
 public:
  explicit ColumnLayout(std::vector<LogColumn> base);
  // Adds the package columns of compartment `owner`'s view of the same log. Call in compartment
  // order. Columns whose name is taken by another type are left out: `conflicts` names them.
  void merge(const std::vector<LogColumn>& view, unsigned owner,
             std::vector<std::string>* conflicts = nullptr);
  // The compartment that brought the column in, which alone may fill it by contribution; 0 for the
  // site's own columns.
  unsigned owner(size_t column) const { return owners_[column]; }
  const std::vector<LogColumn>& columns() const { return columns_; }
  // Position of a column by name.
  std::optional<size_t> find(std::string_view name) const;
  // For each column of `view` its position here; empty where it has none (or another type).
  std::vector<std::optional<size_t>> mapping(const std::vector<LogColumn>& view) const;

 private:
  std::vector<LogColumn> columns_;
  std::vector<unsigned> owners_;
};

}  // namespace bulkhead::logging
