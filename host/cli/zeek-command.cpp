// zeek's command line. Source: the output of zeek --help, and the manual's page on command-line
// options. Options for which there is nothing behind them yet are refused, not swallowed.

#include "common/version.h"
#include "host/cli/command.h"
#include "host/supervisor/run.h"
#include "host/supervisor/seeds.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>
#include <iterator>

namespace bulkhead::cli {

namespace {

// Module::option=value, or name=value: told from a file's name as zeek does.
bool isAssignment(const std::string& word) {
  auto equals = word.find('=');
  if (equals == std::string::npos || equals == 0) return false;
  return word.find('/') > equals && word.find('.') > equals;
}

// A list with colons, from the environment.
void appendList(const char* variable, std::vector<std::string>& to) {
  const char* value = std::getenv(variable);
  std::string text(value == nullptr ? "" : value);
  for (size_t at = 0; at < text.size();) {
    size_t end = std::min(text.find(':', at), text.size());
    if (end > at) to.push_back(text.substr(at, end - at));
    at = end + 1;
  }
}

std::string standardInput() { return {std::istreambuf_iterator<char>(std::cin), {}}; }

}  // namespace

int runZeek(const Arguments& arguments) {
  supervisor::RunOptions options;
  options.arguments.emplace_back("zeek");
  options.arguments.insert(options.arguments.end(), arguments.begin(), arguments.end());
  options.face = supervisor::Face::zeek;
  CLI::App app("zeek's command line: scripts run in one confined compartment.", "zeek");
  bool version = false;
  std::vector<std::string> words, rules, optimizer;
  std::string seedFile;
  bool zeroSeeds = false;
  app.add_flag("-a,--parse-only", options.parseOnly, "exit after the scripts are compiled");
  app.add_flag("-b,--bare-mode", options.bare, "without the scripts of base/");
  app.add_flag("-C,--no-checksums", options.ignoreChecksums, "ignore wrong checksums");
  app.add_flag("-D,--deterministic", zeroSeeds, "random seeds are zero");
  app.add_option("-e,--exec", options.commands, "script text, after the files")
      ->allow_extra_args(false);
  app.add_option("-f,--filter", options.filter, "only packets that match (pcap-filter(7))");
  app.add_option("-G,--load-seeds", seedFile, "take the seeds from a file");
  auto* file =
      app.add_option("-r,--readfile", options.capture, "read a capture; - is standard input");
  app.add_option("-i,--iface", options.interface, "capture from an interface")->excludes(file);
  app.add_option("-p,--prefix", options.prefixes, "prefix of script names to look for")
      ->allow_extra_args(false);
  app.add_option("-s,--rulefile", rules, "signature file")->allow_extra_args(false);
  app.add_option("-O,--optimize,-o,--optimize-funcs,-0,--optimize-files", optimizer,
                 "of zeek's script optimizer: without effect here")
      ->allow_extra_args(false);
  app.add_flag("-u,--usage-issues", options.warnUnused, "say what is unused, and exit");
  app.add_flag("-v,--version", version, "print the version");
  app.add_option("scripts", words, "script files, and Module::option=value");
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    std::cerr << "zeek: " << error.what() << "; see zeek --help\n";
    return supervisor::statusUsage;
  }
  if (version) {
    std::cout << "zeek version " << scriptVersion << " (bulkhead)\n";
    return std::cout.flush() ? 0 : 1;
  }
  if (!rules.empty()) {
    std::cerr << "zeek: -s: signatures are not supported yet\n";
    return supervisor::statusUsage;
  }
  for (const auto& word : words) {
    if (word == "-") {
      options.commands.push_back(standardInput());
    } else if (isAssignment(word)) {
      options.assignments.push_back(word);
    } else {
      options.scripts.push_back(word);
    }
  }
  // Without anything to read, zeek takes a script from standard input.
  if (words.empty() && options.commands.empty() && options.capture.empty() &&
      options.interface.empty()) {
    options.commands.push_back(standardInput());
  }
  appendList("ZEEK_PREFIXES", options.prefixes);
  appendList("ZEEKPATH", options.scriptPath);
  options.parseOnly = options.parseOnly || options.warnUnused;
  if (std::getenv("ZEEK_USAGE_ISSUES") != nullptr) options.warnUnused = true;
  options.startErrorsEnd = std::getenv("ZEEK_ALLOW_INIT_ERRORS") == nullptr;
  std::string problem;
  // A file of seeds comes before -D, as in Zeek.
  if (!seedFile.empty()) problem = supervisor::loadSeeds(seedFile, options.seeds);
  if (problem.empty()) problem = takeSeedFile(options.seeds);
  if (zeroSeeds && options.seeds.empty()) options.seeds.assign(supervisor::seedWords, 0);
  if (!problem.empty()) {
    std::cerr << "zeek: seeds: " << problem << "\n";
    return supervisor::statusUsage;
  }
  return supervisor::run(options);
}

}  // namespace bulkhead::cli
