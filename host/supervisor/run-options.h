#pragma once
// What one run is to do, as the command line and bulkhead.toml say it. Plain data; any thread.

#include "host/supervisor/grants.h"
#include "host/supervisor/restart-plan.h"
#include "sandbox/limits/limits.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace bulkhead::supervisor {

// VM instructions that one handler may take before it is abandoned: a second or two of computing.
inline constexpr uint64_t defaultBudget = 100'000'000;
// Abandoned handlers before the package is ended.
inline constexpr uint32_t defaultMaxAbandoned = 8;
// Of the memory limit, the share at which a package is warned before it is ended.
inline constexpr double softMemoryShare = 0.75;

// What one compartment may use.
struct CompartmentLimits {
  sandbox::Limits sandbox;
  uint64_t budget = defaultBudget;              // 0: none
  uint32_t maxAbandoned = defaultMaxAbandoned;  // 0: no end
  RestartLimits restart;                        // live only
  Grants grants;                                // of packages: none unless configured
  bool prune = true;                            // sdk/script/prune
};

struct Configuration {
  CompartmentLimits defaults{.sandbox = sandbox::packageDefaults()};
  std::map<std::string, CompartmentLimits> packages;  // by name; those with limits of their own
  CompartmentLimits site{.budget = 0, .maxAbandoned = 0, .grants = Grants::ofOperator()};
  sandbox::Limits worker;
  uint32_t stallSeconds = 10;

  const CompartmentLimits& of(const std::string& package) const {
    auto found = packages.find(package);
    return found == packages.end() ? defaults : found->second;
  }
};

enum class Face {
  run,    // an operator's: table at the end, messages in the product's words
  zeek,   // as zeek behaves
  check,  // an author's: nothing runs, see check()
};

struct RunOptions {
  Face face = Face::run;
  // At most one of the two. "-" is standard input. Neither: scripts only.
  std::string capture;
  std::string interface;
  std::string filter;
  bool ignoreChecksums = false;

  std::vector<std::string> packages;  // folders
  // check() only: folders of packages, or packages, that those may depend on.
  std::vector<std::string> beside;
  // By name, of those that are a static program instead of scripts: its path. No command sets it
  // yet; tests do.
  std::map<std::string, std::string> natives;
  // The site's: what would stand after `@load`, or files; then -e texts and Module::option=value.
  std::vector<std::string> scripts;
  std::vector<std::string> commands;
  std::vector<std::string> assignments;
  std::vector<std::string> prefixes;
  std::vector<std::string> scriptPath;  // folders where the site's scripts are looked for
  std::vector<std::string> arguments;   // the command line as it was given, for zeek_args()
  bool bare = false;
  bool warnUnused = false;
  bool parseOnly = false;
  bool startErrorsEnd =
      false;  // run-time errors of the site up to the end of zeek_init end the run

  std::string logDirectory = ".";
  bool json = false;
  bool prune = true;            // leave out what packages cannot notice of the base library
  std::string require;          // layers that must be there; empty: none but those never optional
  std::vector<uint32_t> seeds;  // of ZEEK_SEED_FILE
  Configuration configuration;
};

// Exit statuses of a run.
enum ExitStatus : int {
  statusOk = 0,
  statusFailed = 1,  // the capture, the site's scripts or the logs: what was asked is not all there
  statusUsage = 2,   // nothing was started
  statusPackages = 3,  // all is there but what a package owed that did not load or was ended
  statusSignal = 128,  // + the signal's number
};

}  // namespace bulkhead::supervisor
