#pragma once
// A Location is one byte of one script file of a run, in 32 bits.
//
// A SourceManager lays all files of a run end to end and a Location is the offset into that space,
// so that a tree node pays four bytes for its position. Zero means "nowhere". A value type; any
// thread.

#include <compare>
#include <cstdint>

namespace bulkhead::source {

struct Location {
  uint32_t offset = 0;

  bool known() const { return offset != 0; }
  auto operator<=>(const Location&) const = default;
};

}  // namespace bulkhead::source
