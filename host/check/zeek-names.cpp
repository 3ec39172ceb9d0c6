#include "host/check/zeek-names.h"

#include <string>
#include <unordered_set>

namespace bulkhead::check {

namespace {

constexpr std::string_view text =
#include "zeek-names.inc"
    ;

const std::unordered_set<std::string_view>& names() {
  static const auto all = [] {
    std::unordered_set<std::string_view> out;
    for (std::string_view rest = text; !rest.empty();) {
      size_t end = rest.find('\n');
      out.insert(rest.substr(0, end));
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    return out;
  }();
  return all;
}

}  // namespace

std::string nameOfZeek(std::string_view name) {
  constexpr std::string_view load = "@load ";
  if (name.starts_with(load)) {
    auto target = name.substr(load.size());
    while (target.ends_with('/')) target.remove_suffix(1);
    if (target.ends_with(".zeek")) target.remove_suffix(5);
    if (target.ends_with("/__load__")) target.remove_suffix(9);
    for (std::string_view folder : {"", "policy/"}) {
      std::string whole = std::string(load) + std::string(folder) + std::string(target);
      if (names().contains(whole)) return whole;
    }
    return {};
  }
  if (names().contains(name)) return std::string(name);
  auto colons = name.rfind("::");
  if (colons == std::string_view::npos || !names().contains(name.substr(colons + 2))) return {};
  return std::string(name.substr(colons + 2));
}

bool isNameOfZeek(std::string_view name) { return !nameOfZeek(name).empty(); }

}  // namespace bulkhead::check
