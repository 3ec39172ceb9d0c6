// Any text as a script of a package: lexer, parser, analysis, compiler; and if nothing is wrong
// with it, what it does when run under small limits. A page of text may hold several files, cut at
// a byte 0xff, that load one another.
#include "sdk/script/driver/engine.h"
#include "sdk/script/driver/natives.h"

#include <map>

using namespace bulkhead;

namespace {

// Scripts see no world: files open and take everything, output goes nowhere.
class NoWorld final : public vm::Host {
 public:
  void print(std::string_view) override {}
  void report(const vm::Report&) override {}
  std::optional<uint64_t> openFile(std::string_view, FileMode, std::string&) override { return 1; }
  bool writeFile(uint64_t, std::string_view) override { return true; }
  bool flushFile(uint64_t) override { return true; }
  void setFileBuffered(uint64_t, bool) override {}
  bool flushAllFiles() override { return true; }
  bool closeFile(uint64_t) override { return true; }
};

constexpr uint64_t maxInstructions = 20'000;  // of one handler
constexpr uint32_t maxFrames = 200;
constexpr size_t maxEvents = 200;
constexpr size_t maxHeap = 32u << 20;
constexpr int maxTimers = 20;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto natives = driver::standardNatives();
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::map<std::string, std::string> files;
  for (char name = 'a'; name <= 'd'; ++name) {
    size_t cut = std::min(rest.find('\xff'), rest.size());
    files[std::string("/p/") + name + ".zeek"] = rest.substr(0, cut);
    if (cut == rest.size()) break;
    rest.remove_prefix(cut + 1);
  }
  source::MemorySourceProvider provider({{"/p", source::originFirstPackage}}, std::move(files));
  NoWorld host;
  driver::EngineConfig config;
  config.provider = &provider;
  config.host = &host;
  config.natives = natives;
  config.preludes.push_back({"<events>", std::string(driver::minimalEvents), source::originBase});
  config.scripts.emplace_back("a");
  config.warnUnused = true;
  config.limits = {.instructions = maxInstructions,
                   .frames = maxFrames,
                   .nativeDepth = 8,
                   .queuedEvents = maxEvents,
                   .timers = maxEvents,
                   .heap = {.soft = maxHeap / 2, .hard = maxHeap}};
  driver::Engine engine(std::move(config));
  const bool loaded = engine.load();
  engine.renderDiagnostics();
  if (!loaded || !engine.start()) return 0;
  if (!engine.initialize()) return 0;
  for (int i = 0; i < maxTimers; ++i) {
    auto next = engine.nextTimer();
    if (!next) break;
    engine.advanceTime(*next);
    engine.drain();
  }
  engine.finish();
  return 0;
}
