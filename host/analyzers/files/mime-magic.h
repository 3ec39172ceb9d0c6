#pragma once
// MIME types by content: what the first bytes of a file say it is.
//
// A table of patterns with strengths, after the types and strengths that Zeek's file magic gives,
// so that mime_type columns agree. All patterns run in one pass of RE2, in linear time whatever the
// file holds. Compiled at first use (some ten milliseconds), then read-only; worker thread.

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace bulkhead::analyzers::files {

struct MimeMatch {
  int strength;
  std::string_view mime;  // static storage
};

class MimeMagic {
 public:
  MimeMagic();
  ~MimeMagic();
  // At most one match a strength, strongest first; where two types are equally strong, Zeek's
  // answers differ by use: `best` is the first by name, the list keeps the last.
  struct Result {
    std::string_view best;  // empty: nothing matched
    std::vector<MimeMatch> matches;
  };
  Result detect(std::span<const uint8_t> data) const;

 private:
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
};

// What may stand before a pattern.
enum class Lead : uint8_t { none, bom, markup, bomMarkup };

struct MagicRule {
  int strength;
  std::string_view mime;
  std::string_view pattern;  // RE2 over bytes, from the first; a dot is any byte
  Lead lead = Lead::none;
};

// The tables, family by family.
std::span<const std::span<const MagicRule>> magicRules();

}  // namespace bulkhead::analyzers::files
