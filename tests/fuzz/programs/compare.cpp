#include "tests/fuzz/programs/compare.h"

#include "sdk/script/driver/engine.h"
#include "sdk/script/driver/natives.h"
#include "tests/fuzz/programs/evaluate.h"
#include "tests/fuzz/programs/write.h"

#include <map>

namespace bulkhead::programs {
namespace {

// Keeps what is printed, with the errors in their place.
class Screen final : public vm::Host {
 public:
  void print(std::string_view text) override { out += text; }
  void report(const vm::Report& report) override {
    if (report.expression && report.severity == vm::Severity::error)
      out += "! " + std::to_string(report.place.line) + "\n";
  }
  std::optional<uint64_t> openFile(std::string_view, FileMode, std::string&) override { return 1; }
  bool writeFile(uint64_t, std::string_view) override { return true; }
  bool flushFile(uint64_t) override { return true; }
  void setFileBuffered(uint64_t, bool) override {}
  bool flushAllFiles() override { return true; }
  bool closeFile(uint64_t) override { return true; }

  std::string out;
};

}  // namespace

std::string runEngine(const std::string& text) {
  static const auto natives = driver::standardNatives();
  std::map<std::string, std::string> files{{"/p/program.zeek", text}};
  source::MemorySourceProvider provider({{"/p", source::originFirstPackage}}, std::move(files));
  Screen screen;
  driver::EngineConfig config;
  config.provider = &provider;
  config.host = &screen;
  config.natives = natives;
  config.preludes.push_back({"<events>", std::string(driver::minimalEvents), source::originBase});
  config.scripts.emplace_back("program");
  driver::Engine engine(std::move(config));
  if (!engine.load()) return "not taken: " + engine.renderDiagnostics();
  if (engine.start()) static_cast<void>(engine.initialize());
  return std::move(screen.out);
}

Outcome compare(Program program) {
  Outcome outcome;
  outcome.text = write(program);
  auto expected = evaluate(program);
  if (!expected) {
    outcome.is = Outcome::Is::unknown;
    return outcome;
  }
  outcome.expected = std::move(*expected);
  outcome.printed = runEngine(outcome.text);
  if (outcome.printed != outcome.expected) outcome.is = Outcome::Is::different;
  return outcome;
}

}  // namespace bulkhead::programs
