#include "common/log-value.h"

#include <algorithm>
#include <array>

namespace bulkhead {

bool LogValue::wellFormed() const {
  switch (kind) {
    case Kind::unset:
      return std::holds_alternative<std::monostate>(data);
    case Kind::boolean:
      return std::holds_alternative<bool>(data);
    case Kind::integer:
      return std::holds_alternative<int64_t>(data);
    case Kind::count:
      return std::holds_alternative<uint64_t>(data);
    case Kind::real:
    case Kind::time:
    case Kind::interval:
      return std::holds_alternative<double>(data);
    case Kind::string:
    case Kind::enumeration:
    case Kind::pattern:
    case Kind::function:
    case Kind::file:
      return std::holds_alternative<std::string>(data);
    case Kind::addr:
      return std::holds_alternative<IpAddr>(data);
    case Kind::subnet:
      return std::holds_alternative<Subnet>(data);
    case Kind::port:
      return std::holds_alternative<Port>(data);
    case Kind::set:
    case Kind::vector:
      return std::holds_alternative<Elements>(data);
  }
  return false;
}

std::string_view logKindName(LogValue::Kind kind) {
  switch (kind) {
    case LogValue::Kind::unset:
      return "unset";
    case LogValue::Kind::boolean:
      return "bool";
    case LogValue::Kind::integer:
      return "int";
    case LogValue::Kind::count:
      return "count";
    case LogValue::Kind::real:
      return "double";
    case LogValue::Kind::time:
      return "time";
    case LogValue::Kind::interval:
      return "interval";
    case LogValue::Kind::string:
      return "string";
    case LogValue::Kind::enumeration:
      return "enum";
    case LogValue::Kind::pattern:
      return "pattern";
    case LogValue::Kind::function:
      return "func";
    case LogValue::Kind::file:
      return "file";
    case LogValue::Kind::addr:
      return "addr";
    case LogValue::Kind::subnet:
      return "subnet";
    case LogValue::Kind::port:
      return "port";
    case LogValue::Kind::set:
      return "set";
    case LogValue::Kind::vector:
      return "vector";
  }
  return "unset";
}

std::string logTypeText(const LogColumn& column) {
  std::string text(logKindName(column.type));
  if (column.type == LogValue::Kind::set || column.type == LogValue::Kind::vector)
    text.append("[").append(logKindName(column.elementType)).append("]");
  return text;
}

bool conforms(const std::vector<LogValue>& row, const std::vector<LogColumn>& columns) {
  if (row.size() != columns.size()) return false;
  for (size_t i = 0; i < row.size(); ++i) {
    const LogValue& value = row[i];
    if (!value.wellFormed()) return false;
    if (!value.isSet()) continue;
    if (value.kind != columns[i].type) return false;
    if (!value.isContainer()) continue;
    for (const LogValue& element : value.elements()) {
      if (!element.wellFormed() || element.isContainer()) return false;
      if (element.isSet() && element.kind != columns[i].elementType) return false;
    }
  }
  return true;
}

std::string LogNameRules::apply(const std::string& column) const {
  std::string name = column;
  if (scopeSeparator != ".") {
    for (size_t at = name.find('.'); at != std::string::npos;
         at = name.find('.', at + scopeSeparator.size()))
      name.replace(at, 1, scopeSeparator);
  }
  if (restricted && !std::binary_search(include.begin(), include.end(), name)) return {};
  if (std::binary_search(exclude.begin(), exclude.end(), name)) return {};
  auto renamed =
      std::lower_bound(renames.begin(), renames.end(), name,
                       [](const auto& each, const auto& key) { return each.first < key; });
  return renamed != renames.end() && renamed->first == name ? renamed->second : name;
}

bool identifiesRow(std::string_view column) {
  static constexpr std::array<std::string_view, 12> names{
      "ts",        "uid",         "fuid",     "id.orig_h", "id.orig_p",   "id.resp_h",
      "id.resp_p", "trans_depth", "trans_id", "note",      "fingerprint", "analyzer_id"};
  return std::find(names.begin(), names.end(), column) != names.end();
}

}  // namespace bulkhead
