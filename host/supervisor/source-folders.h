#pragma once
// Finds the script that an `@load` names, beneath the folders that a compartment may see.
//
// A SourceFolders belongs to one compartment; event-loop thread. The names come from hostile
// scripts: each is resolved by the kernel beneath an open folder (openat2 with RESOLVE_BENEATH and
// without magic links), so neither ".." nor a symbolic link leads out. Errors: what is not found is
// a value, and so is a file that is too large; std::system_error if the machine refuses (no
// descriptors left, an unreadable file that is there). How `@load` names are looked up:
// https://docs.zeek.org/en/master/script-reference/directives.html

#include <kj/io.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::supervisor {

inline constexpr size_t mostSourceBytes = 16 * 1024 * 1024;  // of one file
inline constexpr size_t mostTargetBytes = 1024;

enum class SourceOrigin { base, site, package };

struct FoundSource {
  std::string path;  // folder's label and the path beneath it
  std::string text;
  SourceOrigin origin;
  std::string refusal;  // why the text is not given, if it is not
};

class SourceFolders {
 public:
  // Searched in the order of adding. `label` is what paths in messages begin with.
  void add(const std::string& path, std::string label, SourceOrigin origin);
  // For the operator's own scripts: absolute names, and relative ones that leave their folder, are
  // read as any file of the operator's is. Never for a package.
  void allowAnywhere() { anywhere_ = true; }

  // `target` as written after `@load`; `from` the path of the file it stands in (as answered
  // before), empty for the first. Tries the name itself, with ".zeek", and NAME/__load__.zeek.
  // A package's folder is also found by its label, as zkg's folder of packages is on ZEEKPATH:
  // "@load known-clients", "@load known-clients/more", "@load packages/known-clients".
  std::optional<FoundSource> find(std::string_view target, std::string_view from) const;

  // Whether a folder before the standard library, or a name of one, could stand for something
  // beneath base/.
  bool shadowsLibrary() const;

 private:
  struct Folder {
    kj::AutoCloseFd fd;
    std::string label;
    SourceOrigin origin;
  };
  static std::optional<FoundSource> open(const Folder& folder, const std::string& name);
  static std::optional<FoundSource> tryNames(const Folder& folder, const std::string& name);

  static std::optional<FoundSource> openAnywhere(const std::string& path);

  std::vector<Folder> folders_;
  bool anywhere_ = false;
};

// How paths of the standard library begin in messages; no package can be called so.
inline constexpr std::string_view libraryLabel = "<zeek>";
// The folders of the standard library, in the order in which Zeek's default ZEEKPATH has them.
void addLibrary(SourceFolders& to, const std::string& baseLibrary);
// What is beneath base/ of the standard library, as a schemas::ScriptLibrary in a memory file,
// ready to be read. Throws std::system_error where the machine refuses.
kj::AutoCloseFd packLibrary(const std::string& baseLibrary);
// What `@load` names for a path of the standard library.
std::string libraryTarget(std::string_view path);

}  // namespace bulkhead::supervisor
