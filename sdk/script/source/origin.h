#pragma once
// Who a piece of script belongs to. The join of log rows across compartments asks this of every
// function body and every record field, so it is decided where a file is loaded and carried from
// there on.

#include <cstdint>

namespace bulkhead::source {

// The numbers are those of types::OriginId.
using Origin = uint16_t;
constexpr Origin originBase = 0;          // the base library and the builtins' declarations
constexpr Origin originSite = 1;          // the operator's own scripts and the command line
constexpr Origin originFirstPackage = 2;  // packages, numbered by whoever sets up the search roots

}  // namespace bulkhead::source
