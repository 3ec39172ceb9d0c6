#include "host/cli/command.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>

namespace {

// Whoever starts the program may have closed them. The next file opened would have their number: a
// log would hold what was meant for standard output, a socket what was meant for the user.
bool occupyStandardDescriptors() {
  for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) < 0 && errno == EBADF && ::open("/dev/null", O_RDWR) != fd)
      return false;
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  constexpr int cannotStart = 2;
  if (!occupyStandardDescriptors()) return cannotStart;
  // A closed pipe is an error of the write, not the end of the program.
  std::signal(SIGPIPE, SIG_IGN);
  return bulkhead::cli::dispatch(argc > 0 ? argv[0] : "bulkhead",
                                 bulkhead::cli::Arguments(argv + (argc > 0 ? 1 : 0), argv + argc));
}
