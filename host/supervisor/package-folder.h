#pragma once
// A package as a folder on disk: its zkg.meta, read.
//
// Any thread; reads the disk. The folder's contents are a stranger's: sizes are bounded, and what
// is wrong is a value for the user. Format: zkg's package metadata
// (https://docs.zeek.org/projects/package-manager/en/stable/package.html).

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace bulkhead::supervisor {

inline constexpr size_t mostMetadataBytes = 256 * 1024;
inline constexpr size_t mostNameBytes = 64;
inline constexpr size_t mostPackages = 1000;

struct PackageFolder {
  std::string path;       // as the user gave it, without a slash at the end
  std::string name;       // the folder's
  std::string scriptDir;  // beneath path: what `@load` of the package loads; "." for path itself
  std::string description;
  std::string target;                // what `@load` names; the package's name
  std::vector<std::string> depends;  // names of other packages, without their versions
};

// The alternative is the message: what is wrong with which file.
using OpenedPackage = std::variant<PackageFolder, std::string>;
OpenedPackage openPackage(const std::string& path);
// The same, and also a script, or a folder with __load__.zeek and without zkg.meta.
OpenedPackage openScripts(const std::string& path);
// Of the packages in a folder, and of the folder itself if it is one, those that can be opened; by
// name. At most mostPackages.
std::vector<PackageFolder> packagesIn(const std::string& path);

// What a `depends` names: "https://github.com/a/b >=1.0 zeek >=4" is {"b"}. Zeek and its package
// manager are no packages.
std::vector<std::string> dependencies(std::string_view depends);

// The value of a key in the [package] section of an INI text: continued lines joined by a space,
// empty if there is none. Keys are compared without regard to case.
std::string packageValue(std::string_view metadata, std::string_view key);

}  // namespace bulkhead::supervisor
