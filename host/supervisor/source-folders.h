#pragma once
// Finds the script that an `@load` names, beneath the folders that a compartment may see.
//
// A SourceFolders belongs to one compartment; event-loop thread. The names come from hostile
// scripts: each is resolved by the kernel beneath an open folder (openat2 with RESOLVE_BENEATH and
// without magic links), so neither ".." nor a symbolic link leads out. Errors: what is not found is
// a value; std::system_error if the machine refuses (no descriptors left, an unreadable file that
// is there). How `@load` names are looked up:
// https://docs.zeek.org/en/master/script-reference/directives.html

#include <kj/io.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::supervisor {

inline constexpr size_t mostSourceBytes = 16 * 1024 * 1024;
inline constexpr size_t mostTargetBytes = 1024;

enum class SourceOrigin { base, site, package };

struct FoundSource {
  std::string path;  // folder's label and the path beneath it
  std::string text;
  SourceOrigin origin;
};

class SourceFolders {
 public:
  // Searched in the order of adding. `label` is what paths in messages begin with.
  void add(const std::string& path, std::string label, SourceOrigin origin);

  // `target` as written after `@load`; `from` the path of the file it stands in (as answered
  // before), empty for the first. Tries the name itself, with ".zeek", and NAME/__load__.zeek.
  std::optional<FoundSource> find(std::string_view target, std::string_view from) const;

 private:
  struct Folder {
    kj::AutoCloseFd fd;
    std::string label;
    SourceOrigin origin;
  };
  static std::optional<FoundSource> open(const Folder& folder, const std::string& name);
  static std::optional<FoundSource> tryNames(const Folder& folder, const std::string& name);

  std::vector<Folder> folders_;
};

}  // namespace bulkhead::supervisor
