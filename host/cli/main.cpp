#include "host/cli/command.h"

#include <csignal>

int main(int argc, char** argv) {
  // A closed pipe is an error of the write, not the end of the program.
  std::signal(SIGPIPE, SIG_IGN);
  return bulkhead::cli::dispatch(argc > 0 ? argv[0] : "bulkhead",
                                 bulkhead::cli::Arguments(argv + (argc > 0 ? 1 : 0), argv + argc));
}
