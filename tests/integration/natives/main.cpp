// `bulkhead run` in which some packages are native programs: for tests of the whole product beside
// children that speak raw bytes. No command line of the product starts such programs.
//
//   run-with-natives CAPTURE LOGDIR (FOLDER | FOLDER=PROGRAM)...

#include "host/supervisor/run.h"

#include <cstdio>
#include <filesystem>

int main(int count, char** arguments) {
  using namespace bulkhead::supervisor;
  if (count < 3) {
    std::fputs("usage: run-with-natives CAPTURE LOGDIR (FOLDER | FOLDER=PROGRAM)...\n", stderr);
    return statusUsage;
  }
  RunOptions options;
  options.capture = arguments[1];
  options.logDirectory = arguments[2];
  options.configuration.stallSeconds = 2;
  for (int i = 3; i < count; ++i) {
    std::string argument = arguments[i];
    const auto equals = argument.find('=');
    options.packages.push_back(argument.substr(0, equals));
    if (equals == std::string::npos) continue;
    const std::string name = std::filesystem::path(options.packages.back()).filename();
    options.natives[name] = argument.substr(equals + 1);
  }
  return run(options);
}
