#include "common/version.h"
#include "host/cli/command.h"

#include <algorithm>
#include <iostream>

namespace bulkhead::cli {

namespace {

constexpr Command table[] = {
    {"check", "compile a package without running it, and say what it demands",
     "bulkhead check packages/demo/known-clients", runCheck},
    {"cut", "print columns of Zeek logs (zeek-cut)", "bulkhead cut -d ts id.orig_h query < dns.log",
     runCut},
    {"doctor", "say what this machine can enforce, layer by layer", "bulkhead doctor", runDoctor},
    {"run", "run packages on a capture or an interface, each confined",
     "bulkhead run -r trace.pcap -p known-clients --logdir logs", runRun},
    {"zeek", "zeek's command line, in one confined compartment",
     "bulkhead zeek -C -r trace.pcap local.zeek", runZeek},
    {"help", "list the commands; with the name of one, how it is used", "bulkhead help run",
     runHelp},
};

// Links under other tools' names, in build/compat.
struct Alias {
  std::string_view program;
  std::string_view command;
};
constexpr Alias aliases[] = {{"zeek", "zeek"}, {"zeek-cut", "cut"}};

const Command* find(std::string_view name) {
  for (const Command& command : table)
    if (command.name == name) return &command;
  return nullptr;
}

int complainOfCommand(const std::string& name) {
  // A foreign name may hold anything: only what prints is shown.
  std::string shown = name.substr(0, 64);
  for (char& c : shown)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  std::cerr << "bulkhead: no command \"" << shown << "\"; see bulkhead help\n";
  return 2;
}

}  // namespace

std::span<const Command> commands() { return table; }

int runHelp(const Arguments& arguments) {
  if (!arguments.empty() && arguments.front() != "help") {
    if (const Command* command = find(arguments.front())) return command->run({"--help"});
    return complainOfCommand(arguments.front());
  }
  std::cout << "usage: bulkhead COMMAND [ARGUMENT...]\n\n";
  for (const Command& command : table) {
    std::string name(command.name);
    name.resize(std::max<size_t>(name.size(), 8), ' ');
    std::cout << "  " << name << "  " << command.synopsis << "\n            " << command.example
              << "\n";
  }
  std::cout
      << "\nEach command lists its options: bulkhead COMMAND --help. The manual is docs/user.\n";
  return std::cout.flush() ? 0 : 1;
}

int dispatch(std::string_view programName, Arguments arguments) {
  size_t slash = programName.rfind('/');
  if (slash != std::string_view::npos) programName.remove_prefix(slash + 1);
  for (const Alias& alias : aliases)
    if (alias.program == programName) return find(alias.command)->run(arguments);
  if (arguments.empty()) {
    runHelp({});
    return 2;
  }
  std::string name = arguments.front();
  if (name == "--help" || name == "-h") name = "help";
  if (name == "--version" || name == "-v" || name == "-V") {
    std::cout << "bulkhead; scripts see zeek version " << scriptVersion << "\n";
    return std::cout.flush() ? 0 : 1;
  }
  if (const Command* command = find(name)) {
    arguments.erase(arguments.begin());
    return command->run(arguments);
  }
  return complainOfCommand(name);
}

}  // namespace bulkhead::cli
