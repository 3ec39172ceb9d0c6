#pragma once
// What a table in the source says of functions by their names: each row has many, separated by
// blanks. The text must outlive the NameTable.

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>

namespace bulkhead::analysis {

template <typename Meaning>
class NameTable {
 public:
  struct Row {
    Meaning meaning;
    std::string_view names;
  };

  explicit NameTable(std::span<const Row> rows) {
    for (const Row& row : rows) {
      std::string_view rest = row.names;
      while (!rest.empty()) {
        size_t end = std::min(rest.find(' '), rest.size());
        if (end > 0) meanings_.emplace(rest.substr(0, end), row.meaning);
        rest.remove_prefix(std::min(end + 1, rest.size()));
      }
    }
  }

  std::optional<Meaning> find(std::string_view name) const {
    auto found = meanings_.find(name);
    return found == meanings_.end() ? std::nullopt : std::optional(found->second);
  }
  // Name and meaning of each, in no order.
  const std::unordered_map<std::string_view, Meaning>& all() const { return meanings_; }

 private:
  std::unordered_map<std::string_view, Meaning> meanings_;
};

}  // namespace bulkhead::analysis
