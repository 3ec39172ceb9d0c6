#include "host/cli/command.h"
#include "host/supervisor/configuration.h"
#include "host/supervisor/run.h"
#include "host/supervisor/seeds.h"
#include "sandbox/policy/layers.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>

namespace bulkhead::cli {

namespace {

// Puts a parsed value in its place, or says what is wrong with the option.
template <typename T>
bool take(sandbox::Parsed<T> parsed, const char* option, T& to) {
  if (auto* problem = std::get_if<std::string>(&parsed)) {
    std::cerr << "bulkhead run: " << option << ": " << *problem << "\n";
    return false;
  }
  to = std::get<T>(std::move(parsed));
  return true;
}

}  // namespace

std::string takeSeedFile(std::vector<uint32_t>& seeds) {
  const char* path = std::getenv("ZEEK_SEED_FILE");
  if (path == nullptr || *path == '\0' || !seeds.empty()) return {};
  return supervisor::loadSeeds(path, seeds);
}

int runRun(const Arguments& arguments) {
  supervisor::RunOptions options;
  options.face = supervisor::Face::run;
  CLI::App app("Runs packages on a capture or an interface, each confined in a process of its own.",
               "bulkhead run");
  app.footer("docs/user/run.md tells of each, of packages.log and of the exit status.");
  app.allow_extras();
  std::string memory, cpu, pids, configuration;
  bool whole = false;
  auto* file = app.add_option("-r,--readfile", options.capture,
                              "read this capture (pcap or pcapng); - is standard input")
                   ->type_name("FILE");
  app.add_option("-i,--iface", options.interface, "capture from this interface")
      ->type_name("NAME")
      ->excludes(file);
  app.add_option("-f,--filter", options.filter, "only packets that match (pcap-filter(7))")
      ->type_name("FILTER");
  app.add_flag("-C,--no-checksums", options.ignoreChecksums, "ignore wrong checksums");
  app.add_option("-p,--package", options.packages,
                 "a package: its folder, the one with zkg.meta; again for each")
      ->type_name("FOLDER")
      ->take_all()
      ->allow_extra_args(false);
  app.add_option("--site", options.scripts, "the operator's own script, such as local.zeek")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_option("--logdir", options.logDirectory, "where logs are written")
      ->type_name("FOLDER")
      ->capture_default_str();
  app.add_flag("--json", options.json, "logs in JSON");
  app.add_flag("--no-prune", whole, "run the whole base library beside each package, to compare");
  app.add_option("--memory", memory, "limit of each package: 256M, 1G, none")->type_name("SIZE");
  app.add_option("--cpu", cpu, "limit of each package: 50%, 150%, none")->type_name("PERCENT");
  app.add_option("--pids", pids, "limit of each package: 16, none")->type_name("NUMBER");
  app.add_option("--require", options.require,
                 "layers that must be there: all, or a list as of bulkhead doctor")
      ->type_name("LAYERS");
  app.add_option("--config", configuration, "limits and grants by package (bulkhead.toml)")
      ->type_name("FILE");
  try {
    // CLI11 takes them from the back.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    std::cerr << "bulkhead run: " << error.what() << "; see bulkhead run --help\n";
    return supervisor::statusUsage;
  }
  options.prune = !whole;
  if (auto extras = app.remaining(); !extras.empty()) {
    const bool option = extras.front().starts_with('-');
    std::cerr << "bulkhead run: "
              << (option ? "unknown option " + extras.front() + "; see bulkhead run --help"
                         : "what is \"" + extras.front() +
                               "\"? A capture is named with -r, a package with -p, a script with "
                               "--site")
              << "\n";
    return supervisor::statusUsage;
  }
  if (options.capture.empty() && options.interface.empty()) {
    std::cerr
        << "bulkhead run: a capture (-r FILE) or an interface (-i NAME) is needed; see bulkhead "
           "run --help\n";
    return supervisor::statusUsage;
  }
  sandbox::Limits given;
  if (!memory.empty() && !take(sandbox::parseMemory(memory), "--memory", given.memoryBytes))
    return supervisor::statusUsage;
  if (!cpu.empty() && !take(sandbox::parseCpu(cpu), "--cpu", given.cpuPercent))
    return supervisor::statusUsage;
  if (!pids.empty() && !take(sandbox::parsePids(pids), "--pids", given.pids))
    return supervisor::statusUsage;
  auto overDefaults = [&](supervisor::CompartmentLimits& defaults) {
    if (!memory.empty()) defaults.sandbox.memoryBytes = given.memoryBytes;
    if (!cpu.empty()) defaults.sandbox.cpuPercent = given.cpuPercent;
    if (!pids.empty()) defaults.sandbox.pids = given.pids;
  };
  if (configuration.empty()) {
    overDefaults(options.configuration.defaults);
  } else {
    std::string problem =
        supervisor::loadConfiguration(configuration, options.configuration, overDefaults);
    if (!problem.empty()) {
      std::cerr << "bulkhead run: " << problem << "\n";
      return supervisor::statusUsage;
    }
  }
  if (!options.require.empty()) {
    auto layers = sandbox::parseRequired(options.require);
    if (auto* problem = std::get_if<std::string>(&layers)) {
      std::cerr << "bulkhead run: --require: " << *problem << "\n";
      return supervisor::statusUsage;
    }
  }
  if (auto problem = takeSeedFile(options.seeds); !problem.empty()) {
    std::cerr << "bulkhead run: ZEEK_SEED_FILE: " << problem << "\n";
    return supervisor::statusUsage;
  }
  return supervisor::run(options);
}

}  // namespace bulkhead::cli
