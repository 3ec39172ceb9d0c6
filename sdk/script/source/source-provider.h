#pragma once
// A SourceProvider is where script text comes from: the disk for the command line, the host (over
// RPC) in a compartment, memory in tests. The script engine opens no file itself.
//
// What comes back is foreign: the engine checks sizes and trusts no content. One thread.

#include "sdk/script/source/origin.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace bulkhead::source {

enum class LoadKind : uint8_t { script, signatures };

// A file that a load names. `path` is its identity: two loads of one path are one load.
struct ResolvedFile {
  std::string path;
  // The path below the search root, with slashes, such as "base/utils/site.zeek"; what @prefixes
  // flattens. Empty for a file outside every root.
  std::string withinRoot;
  Origin origin = originSite;
};

struct Unreadable {
  std::string reason;
};

class SourceProvider {
 public:
  virtual ~SourceProvider() = default;

  // Finds what `@load target` in the file `fromPath` means: relative to that file if `target`
  // begins with a dot, else along the search roots; a name may leave out ".zeek" (or ".sig"), and a
  // folder stands for its __load__.zeek. `fromPath` is empty for the command line. Empty: no such
  // file.
  virtual std::optional<ResolvedFile> resolve(std::string_view target, std::string_view fromPath,
                                              LoadKind kind) = 0;
  virtual std::variant<std::string, Unreadable> read(const std::string& path) = 0;
  // What @DIR yields in a file.
  virtual std::string directoryOf(const ResolvedFile& file) const;
};

// Where to look for a load that does not begin with a dot, in order.
struct SearchRoot {
  std::string directory;
  Origin origin = originSite;
};

// The search rules of SourceProvider::resolve over anything that has paths.
class SearchPathProvider : public SourceProvider {
 public:
  explicit SearchPathProvider(std::vector<SearchRoot> roots) : roots_(std::move(roots)) {}

  std::optional<ResolvedFile> resolve(std::string_view target, std::string_view fromPath,
                                      LoadKind kind) override;

 protected:
  enum class Entry : uint8_t { nothing, file, directory };
  virtual Entry entryAt(const std::string& path) = 0;

 private:
  std::optional<std::string> fileAt(const std::string& path, LoadKind kind);
  ResolvedFile describe(std::string path) const;

  std::vector<SearchRoot> roots_;
};

// Scripts held in memory, path to text.
class MemorySourceProvider final : public SearchPathProvider {
 public:
  MemorySourceProvider(std::vector<SearchRoot> roots, std::map<std::string, std::string> files)
      : SearchPathProvider(std::move(roots)), files_(std::move(files)) {}

  std::variant<std::string, Unreadable> read(const std::string& path) override;

 protected:
  Entry entryAt(const std::string& path) override;

 private:
  std::map<std::string, std::string> files_;
};

// Scripts on disk. Paths in messages are as the roots and targets were given.
class DiskSourceProvider final : public SearchPathProvider {
 public:
  explicit DiskSourceProvider(std::vector<SearchRoot> roots)
      : SearchPathProvider(std::move(roots)) {}

  std::variant<std::string, Unreadable> read(const std::string& path) override;

 protected:
  Entry entryAt(const std::string& path) override;
};

// "a/./b/../c" becomes "a/c"; a leading ".." stays.
std::string normalizedPath(std::string_view path);
// "a/b" for "a/b/c.zeek", "." without a slash.
std::string directoryOf(std::string_view path);

}  // namespace bulkhead::source
