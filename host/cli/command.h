#pragma once
// A command of the `bulkhead` program: a row of data and a function. Adding one: a file
// NAME-command.cpp, its row in commands.cpp, a page in docs/user, a test in tests/cli.
//
// Commands run on the main thread. `run` answers the exit status: 0, 1 for a failure that was said
// on standard error, 2 for a wrong command line. Results go to standard output, talk to standard
// error.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::cli {

using Arguments = std::vector<std::string>;

struct Command {
  std::string_view name;
  std::string_view synopsis;  // one line
  std::string_view example;   // can be pasted
  int (*run)(const Arguments& arguments);
};

int runCheck(const Arguments& arguments);
int runCut(const Arguments& arguments);
int runDoctor(const Arguments& arguments);
int runHelp(const Arguments& arguments);
int runRun(const Arguments& arguments);
int runZeek(const Arguments& arguments);

// The seeds of ZEEK_SEED_FILE, unless there are some already. Answers "" or what is wrong.
std::string takeSeedFile(std::vector<uint32_t>& seeds);

std::span<const Command> commands();

// The command that `programName` (argv[0]) or the first argument names; runs it.
int dispatch(std::string_view programName, Arguments arguments);

}  // namespace bulkhead::cli
