#pragma once
// A SourceManager holds the text of every script file of a run and turns Locations into file, line
// and column. Files stay until the manager dies; views into their text stay valid as long.
//
// One thread. A file past the limits below is not taken: add() then gives null, and refusal() says
// which limit it was.

#include "sdk/script/source/location.h"
#include "sdk/script/source/origin.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::source {

constexpr size_t kMaxFileBytes = 16u << 20;
// Of a run, the declarations of the builtin functions that it uses among them.
constexpr size_t kMaxTotalBytes = 128u << 20;
constexpr size_t kMaxFiles = 20000;

struct SourceFile {
  std::string name;       // as messages show it
  std::string directory;  // what @DIR yields
  std::string text;
  Origin origin = originSite;
  uint32_t base = 0;  // the Location offset of its first byte
  std::vector<uint32_t> lineStarts;

  Location at(size_t byte) const { return Location{base + static_cast<uint32_t>(byte)}; }
};

// Lines and columns count from 1; columns count bytes.
struct Position {
  const SourceFile* file = nullptr;
  uint32_t line = 0;
  uint32_t column = 0;
};

class SourceManager {
 public:
  const SourceFile* add(std::string name, std::string directory, std::string text, Origin origin);
  // Why the last add() gave null: "larger than 16 MiB".
  std::string_view refusal() const { return refusal_; }

  // The file is null for an unknown location.
  Position position(Location at) const;
  const SourceFile* fileOf(Location at) const;
  Origin originOf(Location at) const;
  // The text of one line without its end; empty past the last one.
  std::string_view line(const SourceFile& file, uint32_t number) const;
  // "file:line", or "<no location>".
  std::string describe(Location at) const;

  const std::deque<SourceFile>& files() const { return files_; }

 private:
  std::deque<SourceFile> files_;
  uint32_t nextBase_ = 1;
  std::string_view refusal_;
};

}  // namespace bulkhead::source
