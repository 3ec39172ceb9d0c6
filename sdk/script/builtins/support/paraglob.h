#pragma once
// Many glob patterns matched against one string at once.
//
// Owned by one opaque script value; single-threaded. Patterns come from a package: matching one
// string costs at most O(pattern length * string length) per pattern whose fixed parts occur, with
// no backtracking blow-up; each pattern is tried once. Wildcards as in fnmatch(3): '*', '?',
// '[...]' and backslash. Source: Zeek "zeek.bif.zeek", paraglob_init and paraglob_match.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::builtins {

// True if the glob matches all of `text`.
bool globMatches(std::string_view glob, std::string_view text);

class Paraglob {
 public:
  // Patterns are told again for as long as fewer were told; from then on each comes once more at
  // most.
  static constexpr size_t maxRepeated = 1000;

  // Duplicate patterns count once.
  explicit Paraglob(std::vector<std::string> patterns);
  // The patterns that match all of `text`, in the order in which their fixed parts end in it,
  // shorter parts first; those of one part in the order in which they were given, those without any
  // at the end. A pattern comes once for every such place, unless it was the last one told.
  std::vector<std::string_view> matches(std::string_view text) const;
  size_t size() const { return patterns_.size(); }
  // Whether both have the same patterns, in whatever order.
  bool operator==(const Paraglob& other) const;

 private:
  struct Needle {
    std::string text;  // a fixed part of the pattern
    uint32_t pattern;
  };
  // An Aho-Corasick automaton over the needles, so that a string is scanned once.
  struct Node {
    std::vector<std::pair<uint8_t, uint32_t>> children;  // sorted by byte
    uint32_t fallback = 0;
    uint32_t nextWithHits = 0;  // the nearest fallback that ends a needle, 0 if none
    std::vector<uint32_t> hits;
  };
  void build(const std::vector<Needle>& needles);
  uint32_t child(uint32_t node, uint8_t byte) const;  // 0 if none

  std::vector<std::string> patterns_;
  std::vector<Node> nodes_;
  std::vector<uint32_t> withoutNeedle_;
};

}  // namespace bulkhead::builtins
