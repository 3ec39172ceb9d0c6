// script-run: runs scripts from disk and prints what they print. For developers and tests.
//
//   script-run [--base DIR [--catalog DIR] [--bare]] [--seeds FILE] [-e TEXT]
//              [--time SECONDS]... FILE...
//              [--package FILE]... [--prune] [--explain-prune] [NAME=VALUE]...
//   script-run --builtins        prints the reference of the builtin functions
//
// A --package FILE is loaded last and counts as a package's. --prune leaves out what it cannot
// notice of the base library; --explain-prune says what stays and why, and runs nothing.
//
// Without --base there are the builtin functions and a few events, and nothing else. With it
// scripts find the base library below DIR (and its policy and site folders), and the events of the
// catalog: the built-in one, or the files of a folder.
//
// Exit status: 0, 1 if the scripts do not load, 2 for a wrong command line.

#include "common/unique-id.h"
#include "sdk/script/builtins/builtins.h"
#include "sdk/script/builtins/services.h"
#include "sdk/script/driver/catalog.h"
#include "sdk/script/driver/disk-host.h"
#include "sdk/script/driver/engine.h"
#include "sdk/script/driver/natives.h"
#include "sdk/script/source/source-manager.h"
#include "sdk/script/vm/seeded-order.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

namespace {

constexpr int maxWaits = 100'000;

// docs/authors/builtins.md
void printReference() {
  std::puts(
      "# The builtin functions\n\n"
      "Printed by `script-run --builtins`. What reaches out of the compartment needs a grant of "
      "the operator's\n"
      "(see [bulkhead.toml](../user/run.md#bulkheadtoml)).");
  for (const auto& family : bulkhead::builtins::families()) {
    std::printf("\n## %s\n\n", std::string(family.name).c_str());
    for (const auto& row : family.rows) {
      std::string prototype(row.prototype);
      prototype.erase(0, prototype.find('('));
      std::printf("- **%s**`%s`<br>%s\n", std::string(row.name).c_str(), prototype.c_str(),
                  std::string(row.doc).c_str());
    }
  }
}

void explainPruning(const bulkhead::driver::Engine& engine) {
  const auto& pruned = engine.pruned();
  for (const auto& kept : pruned.kept) {
    auto position = engine.sources().position(kept.at);
    std::printf("%s:%u: %s: %s\n", position.file != nullptr ? position.file->name.c_str() : "-",
                position.line, kept.what.c_str(), kept.why.c_str());
  }
  std::printf("%zu of %zu bodies of the base library stay%s%s; %s timers\n",
              pruned.bodies - pruned.dropped, pruned.bodies,
              pruned.everything.empty() ? "" : ", because ", pruned.everything.c_str(),
              pruned.timers ? "with" : "without");
  for (const auto& event : pruned.refreshing)
    std::printf("delivered for its fields: %s\n", event.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  using namespace bulkhead;
  std::string base;
  std::string catalog;
  bool bare = false;
  bool explain = false;
  bool withBase = false;
  std::vector<std::string> packages;
  std::optional<driver::EngineConfig::Pruning> pruning;
  std::vector<double> times;
  std::optional<SipKey> orderKey;
  driver::EngineConfig config;
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    auto next = [&]() -> std::string {
      if (i + 1 >= argc) {
        std::fprintf(stderr, "script-run: %s needs a value\n", argument.c_str());
        std::exit(2);
      }
      return argv[++i];
    };
    if (argument == "--bare") {
      bare = true;
    } else if (argument == "--base") {
      base = next();
    } else if (argument == "--seeds") {
      std::ifstream in(next(), std::ios::binary);
      orderKey = keyFromSeedFile(
          std::string{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()});
      if (!orderKey) {
        std::fprintf(stderr, "script-run: that is no seed file of 21 numbers\n");
        return 2;
      }
    } else if (argument == "--catalog") {
      catalog = next();
    } else if (argument == "-e") {
      config.commands.push_back(next());
    } else if (argument == "--time") {
      times.push_back(std::atof(next().c_str()));
    } else if (argument == "--builtins") {
      printReference();
      return 0;
    } else if (argument == "--package") {
      packages.push_back(next());
    } else if (argument == "--prune" || argument == "--explain-prune") {
      // Without a host to ask: what belongs to a module is raised by scripts alone.
      pruning.emplace();
      pruning->raisedByHost = [](std::string_view name) { return name.find("::") == name.npos; };
      explain = explain || argument == "--explain-prune";
    } else if (argument == "-u") {
      config.warnUnused = true;
    } else if (argument.size() > 1 && argument[0] == '-') {
      std::fprintf(stderr, "script-run: unknown option %s\n", argument.c_str());
      return 2;
    } else if (argument.find('=') != std::string::npos) {
      config.assignments.push_back(argument);
    } else {
      config.scripts.push_back(argument);
    }
  }
  std::vector<source::SearchRoot> roots;
  roots.push_back({".", source::originSite});
  if (!base.empty()) {
    for (const char* below : {"", "/policy", "/site"})
      roots.push_back({base + below, source::originBase});
    withBase = true;
  } else {
    config.preludes.push_back({"<events>", std::string(driver::minimalEvents), source::originBase});
  }
  if (!catalog.empty()) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(catalog))
      if (entry.path().extension() == ".zeek") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const auto& file : files) {
      std::ifstream in(file, std::ios::binary);
      config.catalog.push_back(
          {file.string(),
           {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()},
           source::originBase});
    }
  }
  if (withBase) driver::addBaseLibrary(config, bare);
  for (const std::string& package : packages) {
    std::filesystem::path path(package);
    roots.push_back({path.parent_path().string(), source::originFirstPackage});
    config.scripts.push_back(path.filename().string());
  }
  if (pruning) pruning->explain = explain;
  config.pruning = std::move(pruning);
  source::DiskSourceProvider provider(roots);
  driver::DiskHost host;
  config.provider = &provider;
  config.host = &host;
  config.natives = driver::standardNatives();
  driver::Engine engine(std::move(config));
  bool loaded = engine.load();
  std::string text = engine.renderDiagnostics();
  std::fputs(text.c_str(), stderr);
  if (explain && loaded) {
    explainPruning(engine);
    return 0;
  }
  auto prepare = [&](vm::Vm& vm) {
    if (orderKey) vm.heap().setOrder(vm::SeededOrder(*orderKey));
  };
  if (!loaded || !engine.start(prepare)) return 1;
  auto& services = engine.vm().extension<builtins::Services>();
  // Without packets network time follows the clock, from before the first event on.
  double now = static_cast<double>(std::time(nullptr));
  if (times.empty() && withBase) engine.vm().setNetworkTime(now);
  if (!engine.initialize()) return 1;
  for (double time : times) {
    if (services.exitStatus) break;
    engine.advanceTime(time);
    engine.drain();
  }
  // A script that waits for time to pass gets it at once: time jumps from timer to timer.
  auto waits = engine.vm().findGlobal("exit_only_after_terminate");
  if (waits && engine.vm().global(*waits) && engine.vm().global(*waits).slot().boolean()) {
    for (int i = 0; i < maxWaits && !services.terminating && !services.exitStatus; ++i) {
      auto next = engine.nextTimer();
      if (!next) break;
      now = std::max(now, *next);
      engine.advanceTime(now);
      engine.drain();
    }
  }
  if (!services.exitStatus) {
    services.terminating = true;
    engine.finish();
  }
  return static_cast<int>(services.exitStatus.value_or(0));
}
