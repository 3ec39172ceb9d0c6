#include "host/cli/command.h"
#include "host/cut/cut.h"

#include <iostream>

namespace bulkhead::cli {

int runCut(const Arguments& arguments) {
  std::string error;
  bool help = false;
  cut::Options options = cut::parseArguments(arguments, error, help);
  if (help) {
    std::cout << cut::usage();
    return std::cout.flush() ? 0 : 1;
  }
  if (!error.empty()) {
    std::cerr << "bulkhead cut: " << error << "\n";
    return 2;
  }
  std::ios::sync_with_stdio(false);
  cut::run(options, std::cin, std::cout);
  return std::cout.flush() ? 0 : 1;
}

}  // namespace bulkhead::cli
