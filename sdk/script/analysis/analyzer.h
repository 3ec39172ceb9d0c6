#pragma once
// The Analyzer reads a run's scripts in load order and gives every declaration its meaning as it
// comes: scopes, types, checks, redefs. It asks for source through a SourceProvider only.
//
// As in Zeek a name must be declared above its use, and a redef changes what comes after it; so one
// pass over the declarations does. Everything wrong goes to Diagnostics: the analysis goes on, and
// a Program with errors must not be compiled. One thread; all references outlive the Program.

#include "sdk/script/analysis/program.h"
#include "sdk/script/source/diagnostics.h"
#include "sdk/script/source/source-manager.h"
#include "sdk/script/source/source-provider.h"
#include "sdk/script/syntax/arena.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::analysis {

// A native function by its declaration; its place in the span given is Callable::native.
struct NativeDeclaration {
  std::string_view name;       // with its module
  std::string_view prototype;  // "function(s: string): string"
};

// ---- Limits of a run, whoever its scripts are from. docs/authors/limits.md lists them.
// Files inside each other, by @load.
constexpr int kMaxLoadDepth = 128;
// What @load, @load-sigs, @unload and find_in_zeekpath() of scripts beyond the base library ask
// for, found or not.
constexpr size_t kMaxLoads = 5000;
// Of @prefixes: each costs a look-up for every file that is read after it.
constexpr size_t kMaxPrefixes = 100;
// @pragma push.
constexpr size_t kMaxPragmas = 1000;
// Declared names of all kinds, those of locals among them.
constexpr size_t kMaxNames = 300'000;
// What one @if, and all of a run, may take to decide: parts of conditions and of what they call.
constexpr uint64_t kMaxConditionSteps = 100'000;
constexpr uint64_t kMaxAllConditionSteps = 10'000'000;
// Combinations that the lists within one key stand for.
constexpr size_t kMaxCombinations = 100'000;
// Names that are compared with misspelt ones; past it nothing is suggested any more.
constexpr size_t kMaxComparedNames = 2'000'000;

struct AnalyzerOptions {
  bool warnUnused = false;            // -u
  std::vector<std::string> prefixes;  // before any @prefixes
};

class Checker;

class Analyzer {
 public:
  Analyzer(source::SourceManager& sources, source::SourceProvider& provider,
           source::Diagnostics& diagnostics, syntax::Arena& arena, types::TypeTable& types,
           AnalyzerOptions options = {});
  ~Analyzer();

  // Natives may be declared before the types that they name exist: each prototype takes its meaning
  // at its first use.
  void declareNatives(const std::vector<NativeDeclaration>& natives);
  // A file of the event catalog. Enums exist at once; records and events, like natives, from their
  // first use on, so that they may name records which the base library declares later.
  void loadCatalog(std::string name, std::string text);
  // From here on a redef of the operator's scripts that uses a qualified name which nothing
  // declares is kept in Program::siteRedefs in place of an error: it is a package's beside this
  // program.
  void expectPackages();
  // As `@load target` from the command line.
  void load(std::string_view target);
  // Text that stands in no file: the catalog, -e, Module::option=value as a redef.
  void loadText(std::string name, std::string text, source::Origin origin);
  // Whether a global of this full name is declared so far.
  bool declares(std::string_view fullName) const;
  // Last checks; the analyzer is of no use afterwards.
  std::unique_ptr<Program> finish();

 private:
  std::unique_ptr<Checker> checker_;
};

}  // namespace bulkhead::analysis
