#pragma once
// Where two texts resemble each other: local alignments (Smith and Waterman 1981).
//
// Any thread; pure. A matching byte scores 1, a differing, missing or additional one -1. Time and
// memory grow with the product of the lengths, which is why it is bounded. Source: T. Smith and M.
// Waterman, "Identification of common molecular subsequences", J. Mol. Biol. 147 (1981); Zeek
// script reference, str_smith_waterman.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace bulkhead::builtins {

// Bytes that both texts have one after the other.
struct CommonPart {
  size_t first;   // where in the first text
  size_t second;  // where in the second one
  size_t length;
  bool begins;  // an alignment does with it
};

enum class Alignments : uint8_t {
  best,  // the one that scores highest
  all,   // one after the other, best first, each apart from those before in one text at least
};

// The most that the lengths of both texts may multiply to.
constexpr size_t maxAlignmentCells = size_t{1} << 22;

// The common parts of at least `shortest` bytes (and at least one) in the alignments, in their
// order in the longer text. Empty if the texts are too long.
std::optional<std::vector<CommonPart>> localAlignments(std::string_view first,
                                                       std::string_view second, size_t shortest,
                                                       Alignments which);

}  // namespace bulkhead::builtins
