#include "sandbox/cgroup/janitor.h"

#include "sandbox/confine/process-descriptor.h"

#include <kj/debug.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <set>
#include <string>
#include <string_view>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace bulkhead::sandbox {
namespace {

// One message fits a pipe's atomic write, so lines never mix.
constexpr size_t maxLine = 4096;
// A killed process leaves within this time, or its cgroup stays behind.
constexpr int leaveTimeoutMs = 5000;

// Ends every process that is listed in a cgroup and waits until each is gone.
void emptyOut(const std::string& directory) {
  const int killFile = open((directory + "/cgroup.kill").c_str(), O_WRONLY | O_CLOEXEC);
  if (killFile >= 0) {
    [[maybe_unused]] const ssize_t ignored = write(killFile, "1", 1);
    close(killFile);
  }
  FILE* list = std::fopen((directory + "/cgroup.procs").c_str(), "re");
  if (list == nullptr) return;
  std::vector<int> processes;
  int pid = 0;
  while (std::fscanf(list, "%d", &pid) == 1) {
    const int fd = openProcess(pid);
    if (fd < 0) continue;
    killProcess(fd);
    processes.push_back(fd);
  }
  std::fclose(list);
  for (int fd : processes) {
    pollfd wait{fd, POLLIN, 0};
    poll(&wait, 1, leaveTimeoutMs);
    close(fd);
  }
}

[[noreturn]] void serve(int pipe) {
  setsid();
  prctl(PR_SET_NAME, "bulkhead-janit");
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) std::signal(signal, SIG_IGN);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  // The place where the host stood must not be held, nor anything that it had open.
  if (chdir("/") != 0) _exit(1);
  if (pipe != 0) dup2(pipe, 0);
  const int null = open("/dev/null", O_WRONLY);
  if (null >= 0) {
    dup2(null, 1);
    dup2(null, 2);
  }
  close_range(3, ~0u, 0);

  std::set<std::string> watched;
  std::string pending;
  char buffer[maxLine];
  while (true) {
    const ssize_t got = read(0, buffer, sizeof(buffer));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    pending.append(buffer, static_cast<size_t>(got));
    for (size_t end; (end = pending.find('\n')) != std::string::npos;) {
      const std::string directory = pending.substr(1, end - 1);
      if (pending[0] == '+') {
        watched.insert(directory);
      } else {
        watched.erase(directory);
      }
      pending.erase(0, end + 1);
    }
  }
  // A folder sorts before what it contains; remove from the inside out.
  for (auto it = watched.rbegin(); it != watched.rend(); ++it) emptyOut(*it);
  for (auto it = watched.rbegin(); it != watched.rend(); ++it) rmdir(it->c_str());
  _exit(0);
}

}  // namespace

Janitor::Janitor() {
  int ends[2];
  KJ_SYSCALL(pipe2(ends, O_CLOEXEC));
  kj::AutoCloseFd readEnd(ends[0]);
  pipe_ = kj::AutoCloseFd(ends[1]);
  KJ_SYSCALL(pid_ = fork());
  if (pid_ == 0) {
    pipe_ = nullptr;
    serve(readEnd.get());
  }
}

Janitor::~Janitor() noexcept(false) {
  pipe_ = nullptr;
  int status;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
}

void Janitor::watch(kj::StringPtr directory) { tell('+', directory); }
void Janitor::forget(kj::StringPtr directory) { tell('-', directory); }

void Janitor::tell(char what, kj::StringPtr directory) {
  auto line = kj::str(what, directory, '\n');
  KJ_REQUIRE(line.size() <= maxLine, "cgroup path too long", directory);
  // If somebody ended the janitor the run goes on: only the clean-up after a kill is lost. KJ's
  // event port ignores SIGPIPE for the whole process.
  [[maybe_unused]] const ssize_t ignored = write(pipe_.get(), line.begin(), line.size());
}

}  // namespace bulkhead::sandbox
