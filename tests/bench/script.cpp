// Runs one script program in the engine, without host or sandbox, and prints what it cost after it
// was loaded: "name<TAB>number" lines on standard error, the program's own output on standard
// output.
//
//   bench-script FILE.zeek
//
// cpu: seconds from the first event to the end; allocations: objects and buffers of the script
// heap; instructions: of the bytecode; held: bytes of the script heap that zeek_init left in use.

#include "sdk/script/driver/catalog.h"
#include "sdk/script/driver/disk-host.h"
#include "sdk/script/driver/engine.h"
#include "sdk/script/driver/natives.h"
#include "sdk/script/source/source-provider.h"
#include "tests/bench/measure.h"

#include <string>

namespace {

// Further than any timer of the programs.
constexpr double hour = 3600;

void tell(const char* name, double value) { std::fprintf(stderr, "%s\t%.9g\n", name, value); }

}  // namespace

int main(int argc, char** argv) {
  using namespace bulkhead;
  if (argc != 2) {
    std::fprintf(stderr, "usage: bench-script FILE.zeek\n");
    return 2;
  }
  driver::EngineConfig config;
  config.scripts.emplace_back(argv[1]);
  driver::addBaseLibrary(config, true);
  config.limits.instructions = UINT64_MAX / 4;
  source::DiskSourceProvider provider(
      {{".", source::originSite}, {BULKHEAD_BASE_LIBRARY, source::originBase}});
  driver::DiskHost host;
  config.provider = &provider;
  config.host = &host;
  config.natives = driver::standardNatives();
  driver::Engine engine(std::move(config));
  bool loaded = engine.load();
  std::fputs(engine.renderDiagnostics().c_str(), stderr);
  if (!loaded || !engine.start()) return 1;
  constexpr double start = 1'700'000'000;
  engine.vm().setNetworkTime(start);
  const auto& heap = engine.vm().heap();
  uint64_t allocations = heap.allocations();
  size_t held = heap.bytesInUse();
  double began = bench::cpuSeconds();
  if (!engine.initialize()) return 1;
  tell("held", static_cast<double>(heap.bytesInUse()) - static_cast<double>(held));
  engine.advanceTime(start + hour);
  engine.drain();
  engine.finish();
  tell("cpu", bench::cpuSeconds() - began);
  tell("allocations", static_cast<double>(heap.allocations() - allocations));
  tell("instructions", static_cast<double>(engine.vm().counters().instructions));
}
