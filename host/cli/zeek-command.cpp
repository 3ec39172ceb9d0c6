// zeek's command line. Source: the output of zeek --help, and the manual's page on command-line
// options. Options for which there is nothing behind them yet are refused, not swallowed.

#include "common/version.h"
#include "host/cli/command.h"
#include "host/supervisor/run.h"
#include "host/supervisor/seeds.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <sstream>

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

// Options that zeek has and that are not here: the letter, the long name, and what it would do.
struct Missing {
  std::string_view letter, name, what;
};
constexpr Missing missing[] = {
    {"-c", "--capture-unprocessed", "write unprocessed packets to a file"},
    {"-d", "--debug-script", "debug scripts"},
    {"-E", "--event-trace", "write a trace of events"},
    {"-F", "--force-dns", "answer name look-ups from a cache"},
    {"-H", "--save-seeds", "save seeds"},
    {"-I", "--print-id", "print a script's value"},
    {"-N", "--print-plugins", "list plugins"},
    {"-P", "--prime-dns", "fill the cache of name look-ups"},
    {"-Q", "--time", "print execution times"},
    {"-S", "--debug-rules", "debug signatures"},
    {"-s", "--rulefile", "read signatures"},
    {"-T", "--re-level", "set the level of signatures"},
    {"-t", "--tracefile", "trace the execution of scripts"},
    {"-U", "--status-file", "write the state of the process to a file"},
    {"-V", "--build-info", "print how it was built"},
    {"-w", "--writefile", "write packets to a file"},
    {"-X", "--zeekygen", "generate documentation"},
    {"-j", "--jobs", "supervise other processes"},
    {"", "--profile-scripts", "profile scripts"},
    {"", "--profile-script-call-stacks", "profile scripts"},
    {"", "--pseudo-realtime", "read a capture at its own pace"},
    {"", "--test", "run unit tests"},
};

// What is wrong with a word that no option took.
std::string complaint(std::string_view word) {
  const bool isLong = word.starts_with("--");
  auto name = word.substr(0, isLong ? word.find('=') : 2);
  for (const Missing& each : missing) {
    if (name != each.letter && name != each.name) continue;
    return std::string(name) + " (" + std::string(each.what) +
           ") is an option of zeek's that is not supported here";
  }
  return "unknown option " + std::string(word) + "; see zeek --help";
}

// What follows `--` is a script and its arguments (zeek_script_args). As the interpreter of a
// script (#!) the program gets the whole line of options in one word, which ends in `--`.
Arguments takeScriptArguments(Arguments& arguments) {
  if (!arguments.empty() && arguments.front().ends_with(" --")) {
    std::istringstream line(arguments.front());
    Arguments words(std::istream_iterator<std::string>(line), {});
    arguments.erase(arguments.begin());
    arguments.insert(arguments.begin(), words.begin(), words.end());
  }
  auto end = std::find(arguments.begin(), arguments.end(), "--");
  if (end == arguments.end()) return {};
  Arguments after(end + 1, arguments.end());
  arguments.erase(end, arguments.end());
  return after;
}

// The text of a string in a script.
std::string literal(std::string_view text) {
  std::string out = "\"";
  for (unsigned char c : text) {
    char hex[8];
    std::snprintf(hex, sizeof hex, "\\x%02x", c);
    out += c < 0x20 || c > 0x7e || c == '"' || c == '\\' ? hex : std::string(1, char(c));
  }
  return out + "\"";
}

std::string standardInput() { return {std::istreambuf_iterator<char>(std::cin), {}}; }

}  // namespace

int runZeek(const Arguments& given) {
  supervisor::RunOptions options;
  options.arguments.emplace_back("zeek");
  options.arguments.insert(options.arguments.end(), given.begin(), given.end());
  Arguments arguments = given;
  const Arguments script = takeScriptArguments(arguments);
  options.face = supervisor::Face::zeek;
  CLI::App app("zeek's command line: scripts run in one confined compartment.", "zeek");
  app.footer("docs/user/zeek.md tells of each, and where this differs from zeek.");
  app.allow_extras();
  bool version = false, unneeded = false;
  std::vector<std::string> words, optimizer;
  std::string seedFile;
  bool zeroSeeds = false;
  app.add_flag("-a,--parse-only", options.parseOnly, "exit after the scripts are compiled");
  app.add_flag("-b,--bare-mode", options.bare, "without the scripts of base/");
  app.add_flag("-C,--no-checksums", options.ignoreChecksums, "ignore wrong checksums");
  app.add_flag("-D,--deterministic", zeroSeeds, "random seeds are zero");
  app.add_option("-e,--exec", options.commands, "script text, after the files")
      ->type_name("TEXT")
      ->allow_extra_args(false);
  app.add_option("-f,--filter", options.filter, "only packets that match (pcap-filter(7))")
      ->type_name("FILTER");
  app.add_option("-G,--load-seeds", seedFile, "take the seeds from a file")->type_name("FILE");
  auto* file =
      app.add_option("-r,--readfile", options.capture, "read a capture; - is standard input")
          ->type_name("FILE");
  app.add_option("-i,--iface", options.interface, "capture from an interface")
      ->type_name("NAME")
      ->excludes(file);
  app.add_option("-p,--prefix", options.prefixes, "prefix of script names to look for")
      ->type_name("PREFIX")
      ->allow_extra_args(false);
  app.add_option(
         "-O,--optimize,-o,--optimize-funcs,-0,--optimize-files,--no-optimize-funcs,"
         "--no-optimize-files",
         optimizer, "of zeek's script optimizer: without effect here")
      ->type_name("OPTION")
      ->allow_extra_args(false);
  app.add_flag("-W,--watchdog,--no-unused-warnings", unneeded,
               "without effect: handlers are bounded in any case, nothing unused is warned of");
  app.add_flag("-u,--usage-issues", options.warnUnused, "say what is unused, and exit");
  app.add_flag("-v,--version", version, "print the version");
  app.add_option("scripts", words, "script files (- is standard input), and Module::option=value");
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    std::cerr << "zeek: " << error.what() << "; see zeek --help\n";
    return supervisor::statusUsage;
  }
  if (version) {
    std::cout << "zeek version " << scriptVersion << "\n";
    return std::cout.flush() ? 0 : 1;
  }
  if (auto extras = app.remaining(); !extras.empty()) {
    std::cerr << "zeek: " << complaint(extras.front()) << "\n";
    return supervisor::statusUsage;
  }
  if (!script.empty()) {
    words.push_back(script.front());
    std::string values;
    for (size_t i = 1; i < script.size(); ++i) values += (i > 1 ? ", " : "") + literal(script[i]);
    options.commands.push_back("redef zeek_script_args = vector(" + values + ");");
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
