#include "host/logging/layout.h"

#include <string>
#include <utility>

namespace bulkhead::logging {

namespace {

bool sameType(const LogColumn& a, const LogColumn& b) {
  return a.type == b.type && a.elementType == b.elementType;
}

}  // namespace

ColumnLayout::ColumnLayout(std::vector<LogColumn> base)
    : columns_(std::move(base)), owners_(columns_.size(), 0) {}

std::optional<size_t> ColumnLayout::find(std::string_view name) const {
  for (size_t i = 0; i < columns_.size(); ++i)
    if (columns_[i].name == name) return i;
  return std::nullopt;
}

void ColumnLayout::merge(const std::vector<LogColumn>& view, unsigned owner,
                         std::vector<std::string>* conflicts) {
  std::optional<size_t> predecessor;
  for (const auto& column : view) {
    if (auto at = find(column.name)) {
      if (!sameType(columns_[*at], column) && conflicts != nullptr)
        conflicts->push_back(column.name);
      predecessor = at;
      continue;
    }
    if (column.origin == LogColumnOrigin::base) continue;  // the site leaves it out on purpose
    size_t at = predecessor ? *predecessor + 1 : 0;
    while (at < columns_.size() && owners_[at] != 0) ++at;
    columns_.insert(columns_.begin() + static_cast<ptrdiff_t>(at), column);
    owners_.insert(owners_.begin() + static_cast<ptrdiff_t>(at), owner);
    predecessor = at;
  }
}

std::vector<std::optional<size_t>> ColumnLayout::mapping(const std::vector<LogColumn>& view) const {
  std::vector<std::optional<size_t>> out;
  out.reserve(view.size());
  for (const auto& column : view) {
    auto at = find(column.name);
    if (at && !sameType(columns_[*at], column)) at.reset();
    out.push_back(at);
  }
  return out;
}

}  // namespace bulkhead::logging
