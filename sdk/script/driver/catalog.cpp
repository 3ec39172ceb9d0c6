#include "sdk/script/driver/catalog.h"

#include "sdk/script/driver/engine.h"

namespace bulkhead::driver {

void addBaseLibrary(EngineConfig& config, bool bare) {
  if (config.catalog.empty()) {
    for (const CatalogFile& file : catalogFiles()) {
      config.catalog.push_back(
          {std::string(file.name), std::string(file.text), source::originBase});
    }
  }
  std::vector<std::string> first{"base/init-bare.zeek", "base/init-frameworks-and-bifs.zeek"};
  if (!bare) first.emplace_back("base/init-default.zeek");
  config.scripts.insert(config.scripts.begin(), first.begin(), first.end());
}

}  // namespace bulkhead::driver
