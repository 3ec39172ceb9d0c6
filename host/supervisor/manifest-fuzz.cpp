// Any text as bulkhead.toml and as zkg.meta.
#include "host/supervisor/configuration.h"
#include "host/supervisor/package-folder.h"

using namespace bulkhead::supervisor;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  Configuration configuration;
  readConfiguration(text, "bulkhead.toml", configuration);
  for (auto key : {"script_dir", "depends", "description"}) packageValue(text, key);
  return 0;
}
