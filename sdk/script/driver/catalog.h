#pragma once
// The event catalog as script text, for the analysis of scripts, and the set-up of the base library.

#include <span>
#include <string>
#include <string_view>

namespace bulkhead::driver {

struct EngineConfig;

struct CatalogFile {
  std::string_view name;
  std::string_view text;
};

// The files of schemas/catalog, as they were when the program was built.
std::span<const CatalogFile> catalogFiles();

// Puts the catalog and base/init-bare.zeek, base/init-frameworks-and-bifs.zeek and, unless `bare`,
// base/init-default.zeek before the scripts that the configuration has. The provider must find them.
void addBaseLibrary(EngineConfig& config, bool bare);

}  // namespace bulkhead::driver
