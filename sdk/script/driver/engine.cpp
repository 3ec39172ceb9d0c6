#include "sdk/script/driver/engine.h"

#include "sdk/script/analysis/analyzer.h"
#include "sdk/script/builtins/services.h"
#include "sdk/script/compile/compile.h"
#include "sdk/script/source/source-manager.h"
#include "sdk/script/syntax/arena.h"

#include <algorithm>
#include <cassert>

namespace bulkhead::driver {

namespace {

// Whichever provider the configuration has at the moment: an engine may outlive the first.
class CurrentProvider final : public source::SourceProvider {
 public:
  explicit CurrentProvider(const EngineConfig& config) : config_(config) {}
  std::optional<source::ResolvedFile> resolve(std::string_view target, std::string_view fromPath,
                                              source::LoadKind kind) override {
    return config_.provider->resolve(target, fromPath, kind);
  }
  std::variant<std::string, source::Unreadable> read(const std::string& path) override {
    return config_.provider->read(path);
  }
  std::string directoryOf(const source::ResolvedFile& file) const override {
    return config_.provider->directoryOf(file);
  }

 private:
  const EngineConfig& config_;
};

}  // namespace

struct Engine::Parts {
  explicit Parts(EngineConfig given) : config(std::move(given)), provider(config) {}

  EngineConfig config;
  CurrentProvider provider;
  source::SourceManager sources;
  source::Diagnostics diagnostics;
  syntax::Arena arena;
  types::TypeTable types;
  std::unique_ptr<analysis::Analyzer> analyzer;
  std::unique_ptr<analysis::Program> analysed;
  std::vector<bool> appliedRedefs;
  prune::Outcome pruned;
  std::unique_ptr<vm::Program> program;
  std::unique_ptr<vm::Vm> vm;  // goes first
};

namespace {

// A value of the command line that stands for a string without its quotes.
bool needsQuotes(std::string_view value) {
  if (value.empty()) return true;
  char first = value.front();
  if (first == '"' || first == '{' || first == '[' || first == '(' || first == '-' ||
      first == '+') {
    return false;
  }
  if (first >= '0' && first <= '9') return false;
  if (value == "T" || value == "F" || value.find("::") != std::string_view::npos) return false;
  if (first == '/' && value.size() > 1 && value.back() == '/') return false;
  return value.find('(') == std::string_view::npos;
}

std::string redefOf(std::string_view assignment) {
  size_t equals = assignment.find('=');
  std::string_view name = assignment.substr(0, equals);
  std::string_view value =
      equals == std::string_view::npos ? std::string_view{} : assignment.substr(equals + 1);
  std::string text = "redef " + std::string(name) + " = ";
  if (needsQuotes(value)) {
    text += '"';
    for (char c : value) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
  } else {
    text += value;
  }
  return text + ";\n";
}

// The line to which messages about a redef are true; what stands beyond it is counted from there.
constexpr uint32_t maxRedefLine = 100000;

// A redef as a text of its own, on the line where the operator wrote it, so that messages say that.
std::string sayAgain(const analysis::SiteRedef& redef) {
  std::string text;
  if (redef.line > 1) text.assign(std::min(redef.line, maxRedefLine) - 2, '\n');
  text += "module " + redef.module + ";";
  text += redef.line > 1 ? '\n' : ' ';
  return text + redef.text + "\n";
}

}  // namespace

Engine::Engine(EngineConfig config) : parts_(std::make_unique<Parts>(std::move(config))) {}
Engine::~Engine() = default;

void Engine::begin() {
  Parts& p = *parts_;
  const EngineConfig& config = p.config;
  assert(p.analyzer == nullptr && p.analysed == nullptr);
  analysis::AnalyzerOptions options;
  options.warnUnused = config.warnUnused;
  options.prefixes = config.prefixes;
  p.analyzer = std::make_unique<analysis::Analyzer>(p.sources, p.provider, p.diagnostics, p.arena,
                                                    p.types, std::move(options));
  std::vector<analysis::NativeDeclaration> natives;
  for (const vm::NativeRow* row : config.natives) natives.push_back({row->name, row->prototype});
  p.analyzer->declareNatives(natives);
  for (const EngineConfig::Text& text : config.catalog) {
    p.analyzer->loadCatalog(text.name, text.text);
  }
  for (const EngineConfig::Text& text : config.preludes) {
    p.analyzer->loadText(text.name, text.text, text.origin);
  }
  if (config.packagesBeside) p.analyzer->expectPackages();
  for (const std::string& script : config.scripts) p.analyzer->load(script);
}

void Engine::resume(EngineConfig rest) {
  Parts& p = *parts_;
  assert(p.analyzer != nullptr);
  p.config.provider = rest.provider;
  p.config.host = rest.host;
  p.config.limits = rest.limits;
  p.config.seed = rest.seed;
  p.config.pruning = std::move(rest.pruning);
  p.config.commands = std::move(rest.commands);
  p.config.redefs = std::move(rest.redefs);
  p.config.assignments = std::move(rest.assignments);
  if (rest.packagesBeside) p.analyzer->expectPackages();
  for (const std::string& script : rest.scripts) p.analyzer->load(script);
}

namespace {

// One statement on the command line may go without its semicolon.
std::string closed(const std::string& command) {
  size_t last = command.find_last_not_of(" \t\r\n");
  bool open = last != std::string::npos && command[last] != ';' && command[last] != '}';
  return open ? command + ";" : command;
}

}  // namespace

bool Engine::load() {
  Parts& p = *parts_;
  const EngineConfig& config = p.config;
  if (p.analyzer == nullptr) begin();
  analysis::Analyzer& analyzer = *p.analyzer;
  for (const std::string& command : config.commands) {
    analyzer.loadText("<command line>", closed(command), source::originSite);
  }
  for (const analysis::SiteRedef& redef : config.redefs) {
    bool known = std::all_of(redef.unknownNames.begin(), redef.unknownNames.end(),
                             [&](const std::string& name) { return analyzer.declares(name); });
    p.appliedRedefs.push_back(known);
    if (known) analyzer.loadText(redef.file, sayAgain(redef), source::originSite);
  }
  for (const std::string& assignment : config.assignments) {
    analyzer.loadText("<command line>", redefOf(assignment), source::originSite);
  }
  // Not taken down here: in a fork that would write to pages which it shares with all others.
  p.analysed = analyzer.finish();
  if (p.diagnostics.hasErrors()) return false;
  if (const auto& pruning = config.pruning)
    p.pruned = prune::prune(*p.analysed, {pruning->raisedByHost, pruning->explain});
  p.program = compile::compile(*p.analysed, p.sources, config.natives, p.diagnostics);
  return !p.diagnostics.hasErrors();
}

const source::Diagnostics& Engine::diagnostics() const { return parts_->diagnostics; }
std::string Engine::renderDiagnostics() const {
  return parts_->diagnostics.render(parts_->sources);
}
const std::vector<bool>& Engine::appliedRedefs() const { return parts_->appliedRedefs; }
const analysis::Program& Engine::analysed() const { return *parts_->analysed; }
const vm::Program& Engine::program() const { return *parts_->program; }
const prune::Outcome& Engine::pruned() const { return parts_->pruned; }
const source::SourceManager& Engine::sources() const { return parts_->sources; }

bool Engine::start(const std::function<void(vm::Vm&)>& prepare) {
  Parts& p = *parts_;
  assert(p.program != nullptr && !p.diagnostics.hasErrors());
  p.vm = std::make_unique<vm::Vm>(*p.program, p.types, *p.config.host, p.config.limits);
  p.vm->seedRandom(p.config.seed);
  if (prepare) prepare(*p.vm);
  return p.vm->initialize();
}

vm::Vm& Engine::vm() { return *parts_->vm; }

bool Engine::initialize() {
  auto statements = parts_->program->statements;
  if (statements != vm::noFunction &&
      parts_->vm->evaluate(static_cast<uint32_t>(statements)).abandoned)
    return false;
  raise("zeek_init");
  if (auto loaded = parts_->program->findEvent("zeek_script_loaded");
      loaded && parts_->program->hasHandlers(*loaded)) {
    for (const analysis::LoadedFile& file : parts_->analysed->files) {
      vm::Slot arguments[] = {vm::Slot::ofObject(vm().heap().string(file.path)),
                              vm::Slot::ofCount(static_cast<uint64_t>(file.depth))};
      vm().raise(*loaded, arguments);
      vm::release(arguments[0]);
    }
  }
  drain();
  return true;
}

void Engine::finish() {
  drain();
  // From here on scripts that ask are told so, zeek_done's handlers first of all.
  parts_->vm->extension<builtins::Services>().terminating = true;
  raise("zeek_done");
  parts_->vm->expireTimers();
  drain();
}

std::vector<std::string> Engine::handlers() const {
  std::vector<std::string> names;
  const vm::Program& program = *parts_->program;
  for (vm::EventId event = 0; event < program.events.size(); ++event) {
    if (program.hasHandlers(event)) names.push_back(program.events[event].name);
  }
  return names;
}

bool Engine::raise(std::string_view event, std::span<const vm::Slot> arguments) {
  auto id = parts_->program->findEvent(event);
  return id.has_value() && parts_->vm->raise(*id, arguments);
}

void Engine::advanceTime(double seconds) { parts_->vm->advanceTime(seconds); }
std::optional<double> Engine::nextTimer() const { return parts_->vm->nextTimer(); }
void Engine::drain() { parts_->vm->drain(); }

}  // namespace bulkhead::driver
