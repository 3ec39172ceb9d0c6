// Files and directives: the load graph.

#include "sdk/script/analysis/checker.h"
#include "sdk/script/analysis/usage.h"

#include <algorithm>
#include <utility>

namespace bulkhead::analysis {

Checker::Checker(source::SourceManager& sources, source::SourceProvider& provider,
                 source::Diagnostics& diagnostics, Arena& arena, types::TypeTable& types,
                 AnalyzerOptions options)
    : sources_(sources),
      provider_(provider),
      diagnostics_(diagnostics),
      arena_(arena),
      types_(types),
      options_(std::move(options)),
      program_(std::make_unique<Program>(types)),
      prefixes_(options_.prefixes) {}

void Checker::declareNatives(const std::vector<NativeDeclaration>& natives) {
  for (size_t i = 0; i < natives.size(); ++i)
    natives_[std::string(natives[i].name)] = {std::string(natives[i].prototype),
                                              static_cast<int32_t>(i)};
}

// Gives a native its meaning when it is first named: the types in its prototype exist by then.
void Checker::settleNative(const std::string& name) {
  auto found = natives_.find(name);
  if (found == natives_.end()) return;
  Native native = std::move(found->second);
  natives_.erase(found);
  if (program_->find(name) != nullptr) return;
  std::string declaration = "global " + name + ": " + native.prototype + ";\n";
  const auto* file =
      sources_.add("<native " + name + ">", "", std::move(declaration), source::originBase);
  if (file == nullptr) return;
  std::string module = std::move(module_);
  Frame* frame = frame_;
  size_t colons = name.rfind("::");
  module_ = colons == std::string::npos ? "GLOBAL" : name.substr(0, colons);
  frame_ = nullptr;
  Parser parser(*file, diagnostics_, arena_, *this);
  while (Decl* decl = parser.next()) {
    decl->exported = true;
    declare(decl);
  }
  module_ = std::move(module);
  frame_ = frame;
  if (Symbol* symbol = program_->find(name);
      symbol != nullptr && symbol->kind == SymbolKind::callable)
    program_->callables[symbol->index].native = native.row;
}

void Checker::settle(const std::string& name) {
  if (auto found = catalog_.find(name); found != catalog_.end()) {
    std::vector<Waiting> all = std::move(found->second);
    catalog_.erase(found);
    std::string module = std::move(module_);
    Frame* frame = frame_;
    frame_ = nullptr;
    for (const Waiting& waiting : all) {
      module_ = waiting.module;
      declare(waiting.decl);
    }
    module_ = std::move(module);
    frame_ = frame;
    return;
  }
  settleNative(name);
}

void Checker::readCatalog(std::string name, std::string text) {
  const auto* file = sources_.add(std::move(name), "", std::move(text), source::originBase);
  if (file == nullptr) return;
  module_ = "GLOBAL";
  Parser parser(*file, diagnostics_, arena_, *this);
  while (Decl* decl = parser.next()) {
    decl->exported = true;
    bool waits = decl->kind == DeclKind::variable ||
                 (decl->kind == DeclKind::type &&
                  static_cast<TypeDecl*>(decl)->typeExpr->kind != TypeExprKind::enumType);
    if (waits)
      catalog_[fullName(decl->name)].push_back({decl, module_});
    else
      declare(decl);
  }
  module_ = "GLOBAL";
}

void Checker::parse(const source::SourceFile& file) {
  std::string module = std::move(module_);
  size_t pragmasBefore = std::exchange(pragmasBefore_, pragmas_.size());
  module_ = "GLOBAL";
  currentPath_.push_back(file.name);
  program_->files.push_back(
      {file.name, {}, file.origin, static_cast<int>(currentPath_.size()) - 1});
  Parser parser(file, diagnostics_, arena_, *this);
  while (Decl* decl = parser.next()) {
    // What an @load in the middle of this file found too many is told there.
    if (program_->symbols.size() > kMaxNames) {
      if (!std::exchange(tooManyNames_, true))
        error(decl->at, "the scripts of this run declare more than " + std::to_string(kMaxNames) +
                            " names; the rest is not read");
      break;
    }
    declare(decl);
  }
  currentPath_.pop_back();
  module_ = std::move(module);
  while (pragmas_.size() > pragmasBefore_) {
    Location end{static_cast<uint32_t>(file.base + file.text.size())};
    // A pop in a loaded file may have been meant for this push.
    if (!pragmasBroken_)
      error(end, "the file ends before the @pragma pop of a @pragma push")
          .notes.push_back({pragmas_.back().at, "pushed here"});
    endQuiet(pragmas_.back(), end);
    pragmas_.pop_back();
  }
  pragmasBefore_ = pragmasBefore;
}

void Checker::readText(std::string name, std::string text, source::Origin origin) {
  const auto* file = sources_.add(std::move(name), ".", std::move(text), origin);
  if (file == nullptr) {
    error({}, "cannot take more script text: " + std::string(sources_.refusal()));
    return;
  }
  parse(*file);
}

void Checker::readFile(const source::ResolvedFile& file, Location at) {
  if (unloaded_.contains(file.path) || !loaded_.insert(file.path).second) return;
  if (static_cast<int>(currentPath_.size()) >= kMaxLoadDepth) {
    error(at, "@load is nested more than " + std::to_string(kMaxLoadDepth) + " files deep");
    return;
  }
  auto content = provider_.read(file.path);
  if (auto* unreadable = std::get_if<source::Unreadable>(&content)) {
    error(at, "cannot read " + file.path + ": " + unreadable->reason);
    return;
  }
  const auto* added = sources_.add(file.path, provider_.directoryOf(file),
                                   std::move(std::get<std::string>(content)), file.origin);
  if (added == nullptr) {
    error(at, "cannot read " + file.path + ": " + std::string(sources_.refusal()));
    return;
  }
  parse(*added);
  program_->files.back().withinRoot = file.withinRoot;
  // Each prefix may add a file of its own behind this one: "lab.base.utils.site.zeek".
  if (file.withinRoot.empty() || prefixes_.empty()) return;
  std::string flat = file.withinRoot;
  for (char& c : flat)
    if (c == '/') c = '.';
  for (const auto& prefix : std::vector<std::string>(prefixes_)) {
    if (prefix.empty()) continue;
    if (auto extra = provider_.resolve(prefix + "." + flat, {}, source::LoadKind::script))
      readFile(*extra, at);
  }
}

void Checker::loadFrom(std::string_view target, const std::string& from, Location at) {
  auto file = provider_.resolve(target, from, source::LoadKind::script);
  if (!file) {
    std::string why;
    if (target.starts_with('/') && originAt(at) >= source::originFirstPackage)
      why = "; a package loads scripts of its own, of what it depends on, and of the library";
    error(at,
          "can't find " + std::string(target) + (from.empty() ? "" : ", loaded by " + from) + why)
        .missing = "@load " + std::string(target);
    return;
  }
  readFile(*file, at);
}

void Checker::loadTarget(std::string_view target) { loadFrom(target, {}, {}); }

bool Checker::mayLoad(Location at) {
  if (originAt(at) == source::originBase || ++loads_ <= kMaxLoads) return true;
  if (loads_ == kMaxLoads + 1)
    error(at, "the scripts of this run load more than " + std::to_string(kMaxLoads) +
                  " times; the rest is not loaded");
  return false;
}

void Checker::load(std::string_view target, Location at) {
  if (!mayLoad(at)) return;
  const auto* file = sources_.fileOf(at);
  std::string from = file != nullptr ? file->name : std::string();
  if (originAt(at) != source::originBase) {
    auto found = provider_.resolve(target, from, source::LoadKind::script);
    program_->loads.push_back({std::string(target), at, originAt(at), false,
                               !found || found->origin == source::originBase});
  }
  loadFrom(target, from, at);
}

void Checker::loadSignatures(std::string_view target, Location at) {
  if (!mayLoad(at)) return;
  const auto* from = sources_.fileOf(at);
  program_->loads.push_back({std::string(target), at, originAt(at), true, false});
  auto file = provider_.resolve(target, from != nullptr ? from->name : std::string(),
                                source::LoadKind::signatures);
  if (!file) {
    error(at, "can't find the signatures " + std::string(target));
    return;
  }
  program_->signatureFiles.push_back(file->path);
}

void Checker::loadPlugin(std::string_view target, Location) {
  program_->plugins.emplace_back(target);
}

void Checker::unload(std::string_view target, Location at) {
  if (!mayLoad(at)) return;
  const auto* from = sources_.fileOf(at);
  if (auto file = provider_.resolve(target, from != nullptr ? from->name : std::string(),
                                    source::LoadKind::script))
    unloaded_.insert(file->path);
}

void Checker::prefixes(std::string_view list, bool append, Location at) {
  if (!append) prefixes_.clear();
  while (!list.empty()) {
    size_t colon = list.find(':');
    if (prefixes_.size() == kMaxPrefixes) {
      error(at, "more than " + std::to_string(kMaxPrefixes) + " @prefixes");
      return;
    }
    if (colon != 0) prefixes_.emplace_back(list.substr(0, colon));
    if (colon == std::string_view::npos) break;
    list.remove_prefix(colon + 1);
  }
}

void Checker::pragma(std::string_view text, Location at) {
  auto word = [&text]() {
    size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
    size_t end = std::min(text.find_first_of(" \t", begin), text.size());
    std::string_view found = text.substr(begin, end - begin);
    text.remove_prefix(end);
    return found;
  };
  constexpr std::string_view known = "ignore-deprecations";
  std::string_view verb = word(), value = word();
  if (verb.empty()) {
    error(at, "@pragma needs a word: push or pop");
  } else if (verb == "push") {
    if (value.empty())
      error(at, "@pragma push needs a value");
    else if (value != known)
      diagnostics_.warning(at, "@pragma push of the unknown \"" + std::string(value) + "\"");
    if (++pushes_ > kMaxPragmas) {
      if (pushes_ == kMaxPragmas + 1)
        error(at, "more than " + std::to_string(kMaxPragmas) + " times @pragma push in a run");
      pragmasBroken_ = true;
      return;
    }
    pragmas_.push_back({std::string(value), at});
    if (value == known) quiet_.push_back({at.offset, UINT32_MAX});
  } else if (verb == "pop") {
    if (pragmas_.size() == pragmasBefore_) {
      if (!pragmasBroken_) error(at, "@pragma pop without a @pragma push in this file");
      pragmasBroken_ = true;
      return;
    }
    Pragma last = std::move(pragmas_.back());
    pragmas_.pop_back();
    if (!value.empty() && value != last.value)
      error(at, "@pragma pop of \"" + std::string(value) + "\" where \"" + last.value +
                    "\" was pushed last")
          .notes.push_back({last.at, "pushed here"});
    endQuiet(last, at);
  } else {
    diagnostics_.warning(at, "unknown @pragma \"" + std::string(verb) + "\"");
  }
}

void Checker::endQuiet(const Pragma& pragma, Location at) {
  for (auto range = quiet_.rbegin(); range != quiet_.rend(); ++range)
    if (range->begin == pragma.at.offset) range->end = at.offset;
}

bool Checker::isQuiet(Location at) const {
  return std::any_of(quiet_.begin(), quiet_.end(), [&](const Quiet& range) {
    return range.begin <= at.offset && at.offset < range.end;
  });
}

void Checker::deprecatedFile(std::string_view text, Location at) {
  const auto* file = sources_.fileOf(at);
  if (file == nullptr || isQuiet(at)) return;
  diagnostics_.warning(at, "the script " + file->name + " is deprecated" +
                               (text.empty() ? "" : ": " + std::string(text)));
}

bool Checker::isDefined(std::string_view name) {
  if (frame_ != nullptr && localIn(frame_, name) != nullptr) return true;
  return findGlobalName(name, false, {}) != nullptr || modules_.contains(std::string(name));
}

std::string_view Checker::kindOfType(std::string_view name) {
  Symbol* symbol = findGlobalName(name, false, {});
  if (symbol == nullptr || symbol->kind != SymbolKind::type || isError(symbol->type)) return {};
  switch (symbol->type->tag()) {
    case Tag::record:
      return "record";
    case Tag::enumeration:
      return "enum";
    case Tag::table:
      return "table";
    case Tag::set:
      return "set";
    case Tag::vector:
      return "vector";
    default:
      return "value";
  }
}

std::unique_ptr<Program> Checker::finish() {
  // Natives and catalog entries that nothing named stay undeclared: the types in their prototypes
  // need not exist in a run without the base library.
  for (const auto& [name, symbol] : program_->byName)
    if (symbol->kind != SymbolKind::local) modules_.insert(symbol->module);
  program_->modules.assign(modules_.begin(), modules_.end());
  std::sort(program_->modules.begin(), program_->modules.end());
  if (program_->statements != nullptr)
    program_->statements->body->statements = arena_.list(statements_);
  checkRecordsEnd();
  if (!diagnostics_.hasErrors()) {
    warnOfUncalled(*program_, diagnostics_);
    if (options_.warnUnused) warnOfUnused(*program_, diagnostics_);
  }
  return std::move(program_);
}

Analyzer::Analyzer(source::SourceManager& sources, source::SourceProvider& provider,
                   source::Diagnostics& diagnostics, Arena& arena, types::TypeTable& types,
                   AnalyzerOptions options)
    : checker_(std::make_unique<Checker>(sources, provider, diagnostics, arena, types,
                                         std::move(options))) {}
Analyzer::~Analyzer() = default;
void Analyzer::declareNatives(const std::vector<NativeDeclaration>& natives) {
  checker_->declareNatives(natives);
}
void Analyzer::loadCatalog(std::string name, std::string text) {
  checker_->readCatalog(std::move(name), std::move(text));
}
void Analyzer::load(std::string_view target) { checker_->loadTarget(target); }
void Analyzer::loadText(std::string name, std::string text, source::Origin origin) {
  checker_->readText(std::move(name), std::move(text), origin);
}
void Analyzer::expectPackages() { checker_->expectPackages(); }
bool Analyzer::declares(std::string_view fullName) const { return checker_->declares(fullName); }
std::unique_ptr<Program> Analyzer::finish() { return checker_->finish(); }

}  // namespace bulkhead::analysis
