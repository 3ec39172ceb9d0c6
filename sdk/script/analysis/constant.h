#pragma once
// A value worked out while the scripts are read, for an @if.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace bulkhead::analysis {

struct Constant {
  std::variant<bool, int64_t, uint64_t, double, std::string> value;

  bool truth() const {
    if (const auto* b = std::get_if<bool>(&value)) return *b;
    if (const auto* i = std::get_if<int64_t>(&value)) return *i != 0;
    if (const auto* c = std::get_if<uint64_t>(&value)) return *c != 0;
    if (const auto* d = std::get_if<double>(&value)) return *d != 0;
    return true;
  }
  std::optional<double> number() const {
    if (const auto* i = std::get_if<int64_t>(&value)) return static_cast<double>(*i);
    if (const auto* c = std::get_if<uint64_t>(&value)) return static_cast<double>(*c);
    if (const auto* d = std::get_if<double>(&value)) return *d;
    return std::nullopt;
  }
};

}  // namespace bulkhead::analysis
