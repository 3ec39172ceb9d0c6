#pragma once
// Many glob patterns matched against one string at once.
//
// Owned by one opaque script value; single-threaded. Patterns come from a package: matching one
// string costs at most O(pattern length * string length) per pattern whose fixed parts occur, with
// no backtracking blow-up. Wildcards as in fnmatch(3): '*', '?', '[...]' and backslash. Source:
// Zeek "zeek.bif.zeek", paraglob_init and paraglob_match.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::builtins {

// True if the glob matches all of `text`.
bool globMatches(std::string_view glob, std::string_view text);

class Paraglob {
 public:
  // Duplicate patterns count once.
  explicit Paraglob(std::vector<std::string> patterns);
  // The patterns that match all of `text`, sorted.
  std::vector<std::string_view> matches(std::string_view text) const;
  // Sorted, without duplicates.
  const std::vector<std::string>& patterns() const { return patterns_; }

 private:
  struct Needle {
    std::string text;  // the longest fixed part of the pattern
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
