#pragma once
// The version of Zeek's language and library that scripts see: what zeek_version() answers at run
// time and what @if (Version::...) decides while scripts are read must be one.

#include <cstdint>
#include <string_view>

namespace bulkhead {

inline constexpr std::string_view scriptVersion = "9.1.0-bulkhead";
// As Version::number has it: major * 10000 + minor * 100 + patch.
inline constexpr uint64_t scriptVersionNumber = 90100;

}  // namespace bulkhead
