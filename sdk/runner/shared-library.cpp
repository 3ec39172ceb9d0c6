#include "sdk/runner/shared-library.h"

#include "schemas/package.capnp.h"
#include "sdk/script/driver/catalog.h"
#include "sdk/script/driver/natives.h"
#include "sdk/script/source/source-provider.h"

#include <capnp/serialize.h>

#include <map>
#include <string>
#include <utility>

namespace bulkhead::runner {

namespace {

constexpr uint64_t maxLibraryWords = 16ull * 1024 * 1024;

std::map<std::string, std::string> readFiles(int descriptor, std::string& root) {
  capnp::ReaderOptions options;
  options.traversalLimitInWords = maxLibraryWords;
  capnp::StreamFdMessageReader message(descriptor, options);
  std::map<std::string, std::string> out;
  for (auto file : message.getRoot<schemas::ScriptLibrary>().getFiles()) {
    std::string path(file.getPath().begin(), file.getPath().size());
    if (root.empty()) root = path.substr(0, path.find('/'));
    auto text = file.getText();
    out.emplace(std::move(path),
                std::string(reinterpret_cast<const char*>(text.begin()), text.size()));
  }
  return out;
}

}  // namespace

std::unique_ptr<driver::Engine> analyseLibrary(int descriptor) {
  std::string root;
  auto files = readFiles(descriptor, root);
  source::MemorySourceProvider provider({{root, source::originBase}}, std::move(files));
  driver::EngineConfig config;
  config.provider = &provider;
  config.natives = driver::standardNatives();
  driver::addBaseLibrary(config, false);
  auto engine = std::make_unique<driver::Engine>(std::move(config));
  engine->begin();
  if (engine->diagnostics().hasErrors()) return nullptr;
  return engine;
}

}  // namespace bulkhead::runner
