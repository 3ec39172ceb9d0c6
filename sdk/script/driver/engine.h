#pragma once
// An Engine takes scripts from text to running: it loads, analyses and compiles them, makes the Vm
// and passes events to it. Tests and the compartment's runner see the script engine through this.
//
// It owns everything between source and Vm. It borrows the SourceProvider, the Host and the native
// rows, which outlive it. One thread. What is wrong with scripts is a value (load() false and
// diagnostics()); run-time errors go to the Host. Scripts are foreign: sizes and depths are bounded
// by the rooms below.

#include "sdk/script/analysis/program.h"
#include "sdk/script/prune/prune.h"
#include "sdk/script/source/diagnostics.h"
#include "sdk/script/source/source-provider.h"
#include "sdk/script/vm/vm.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::driver {

struct EngineConfig {
  source::SourceProvider* provider = nullptr;
  vm::Host* host = nullptr;
  std::vector<const vm::NativeRow*> natives;

  struct Text {
    std::string name;
    std::string text;
    source::Origin origin = source::originBase;
  };
  // The files of the event catalog, in order. They come before everything else, and may name
  // records that the base library declares.
  std::vector<Text> catalog;
  // Loaded next, in order: what a host wants declared.
  std::vector<Text> preludes;
  // Targets as of `@load`, in order: "base/init-bare.zeek", "base/init-default.zeek", then the
  // rest.
  std::vector<std::string> scripts;
  // Texts of -e, after the scripts.
  std::vector<std::string> commands;
  // Redefs of the operator's scripts that another engine kept (analysis::Program::siteRedefs),
  // after the commands. One that uses a name which is not declared here is passed over.
  std::vector<analysis::SiteRedef> redefs;
  // Whether this engine keeps such redefs (analysis::Analyzer::expectPackages).
  bool packagesBeside = false;
  // `Module::option=value` of the command line, after everything else.
  std::vector<std::string> assignments;
  std::vector<std::string> prefixes;
  bool warnUnused = false;
  vm::Limits limits;
  uint64_t seed = 0;
  // Leave out what a package cannot notice of the base library (sdk/script/prune). `raisedByHost`
  // says which events the host raises.
  struct Pruning {
    std::function<bool(std::string_view)> raisedByHost;
    bool explain = false;
  };
  std::optional<Pruning> pruning;
};

class Engine {
 public:
  explicit Engine(EngineConfig config);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Analyses what the configuration names so far, so that a process can do it once and then fork:
  // redefs come after what they change, so the library's analysis is the same whatever follows it.
  // Afterwards either load(), or resume() and load().
  void begin();
  // Goes on after begin() with what `rest` has: provider, host, scripts, commands, redefs,
  // packagesBeside, assignments, limits and seed. Its natives, catalog, preludes, prefixes and
  // warnUnused count for nothing: they had to be known before.
  void resume(EngineConfig rest);
  // Analyses and compiles. False if there are errors; then nothing below may be called.
  bool load();
  const source::Diagnostics& diagnostics() const;
  // For people: every error and warning with its line and a caret.
  std::string renderDiagnostics() const;
  // Of EngineConfig::redefs, in order, whether it was applied.
  const std::vector<bool>& appliedRedefs() const;
  // What analysis found; valid as long as the engine.
  const analysis::Program& analysed() const;
  const vm::Program& program() const;
  // Without pruning: nothing was dropped.
  const prune::Outcome& pruned() const;
  const source::SourceManager& sources() const;

  // Makes the Vm and sets the globals. False if their initialiser was abandoned (reported to the
  // Host). `prepare` runs between making the Vm and the first script instruction: services and
  // extensions are set there.
  bool start(const std::function<void(vm::Vm&)>& prepare = {});
  vm::Vm& vm();

  // Runs the statements outside functions, then raises zeek_init and drains. False, and no
  // zeek_init, if those statements were abandoned (reported to the Host).
  bool initialize();
  // zeek_done: raises it, lets timers expire, drains.
  void finish();

  // Names of the events that have a handler.
  std::vector<std::string> handlers() const;
  // Queues an event by name; arguments are borrowed. False if there is no such event.
  bool raise(std::string_view event, std::span<const vm::Slot> arguments = {});
  void advanceTime(double seconds);
  std::optional<double> nextTimer() const;
  void drain();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace bulkhead::driver
