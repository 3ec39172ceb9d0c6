#include "host/supervisor/inputs.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace bulkhead::supervisor {

std::variant<OpenCapture, std::string> openCapture(const std::string& path) {
  OpenCapture capture;
  if (path == "-") {
    capture.fd = kj::AutoCloseFd(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
    if (capture.fd.get() < 0) return std::string("standard input: ") + std::strerror(errno);
  } else {
    capture.fd = kj::AutoCloseFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (capture.fd.get() < 0) return path + ": " + std::strerror(errno);
  }
  struct stat about {};
  if (::fstat(capture.fd.get(), &about) != 0) return path + ": " + std::strerror(errno);
  if (S_ISDIR(about.st_mode)) return path + ": is a folder, a capture file is expected";
  if (S_ISREG(about.st_mode)) capture.size = static_cast<uint64_t>(about.st_size);
  return capture;
}

std::variant<kj::AutoCloseFd, std::string> openLogDirectory(const std::string& path) {
  if (::mkdir(path.c_str(), 0777) != 0 && errno != EEXIST) {
    return path + ": the log folder cannot be made: " + std::strerror(errno);
  }
  kj::AutoCloseFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0) return path + ": " + std::strerror(errno);
  // Asked of the kernel and not by access(2), which knows no read-only mounts of others. A file
  // without a name leaves nothing behind; where the file system knows none, a name that is removed.
  int probe = ::openat(fd.get(), ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
  if (probe < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
    std::string name = ".bulkhead-" + std::to_string(::getpid());
    probe = ::openat(fd.get(), name.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (probe >= 0) ::unlinkat(fd.get(), name.c_str(), 0);
  }
  if (probe < 0) return path + ": logs cannot be written there: " + std::strerror(errno);
  ::close(probe);
  return fd;
}

}  // namespace bulkhead::supervisor
