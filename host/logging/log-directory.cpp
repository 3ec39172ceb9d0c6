#include "host/logging/log-directory.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <zlib.h>

namespace bulkhead::logging {

namespace {

constexpr size_t bufferSize = 64 * 1024;

bool isControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

}  // namespace

std::string checkLogPath(std::string_view path) {
  if (path.empty()) return "the path is empty";
  if (path.size() > maxPathLength) return "the path is longer than 255 bytes";
  if (path.front() == '/') return "the path is absolute";
  if (std::any_of(path.begin(), path.end(), isControl)) return "the path has a control character";
  int depth = 0;
  for (size_t start = 0; start <= path.size();) {
    size_t slash = std::min(path.find('/', start), path.size());
    std::string_view part = path.substr(start, slash - start);
    if (part.empty()) return "the path has an empty folder name";
    if (part == "." || part == "..") return "the path leaves its folder";
    if (part.front() == '.') return "the path names a hidden file";
    if (part.size() > maxPartLength) return "the path has a name of more than 200 bytes";
    if (slash < path.size() && part.find('.') != std::string_view::npos)
      return "the path has a folder with a dot in its name";
    if (++depth > maxPathDepth) return "the path has more than 8 folders";
    start = slash + 1;
  }
  return {};
}

std::string checkLogExtension(std::string_view extension) {
  if (extension.empty()) return "the file extension is empty";
  if (extension.size() > maxExtensionLength) return "the file extension is longer than 32 bytes";
  auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  if (!std::all_of(extension.begin(), extension.end(), plain))
    return "the file extension has other characters than letters, digits, '_', '-' and '.'";
  return {};
}

std::string logFileName(std::string_view path, std::string_view extension, int gzipLevel) {
  return std::string(path) + "." + std::string(extension) + (gzipLevel > 0 ? ".gz" : "");
}

LogFile::LogFile(int fd, std::string name, int gzipLevel) : fd_(fd), name_(std::move(name)) {
  if (fd_ >= 0 && gzipLevel > 0) {
    std::string mode = "wb" + std::to_string(gzipLevel);
    gzip_ = gzdopen(fd_, mode.c_str());
    if (gzip_ == nullptr) error_ = name_ + ": out of memory for compression";
  }
}

LogFile::~LogFile() { close(); }

void LogFile::append(std::string_view bytes) {
  bytes_ += bytes.size();
  if (buffer_.size() + bytes.size() > bufferSize) flush();
  if (bytes.size() >= bufferSize)
    writeAll(bytes);
  else
    buffer_ += bytes;
}

void LogFile::flush() {
  writeAll(buffer_);
  buffer_.clear();
}

void LogFile::writeAll(std::string_view bytes) {
  // After the first failure nothing more is tried: a half row in the middle would be worse.
  while (!bytes.empty() && error_.empty() && fd_ >= 0) {
    ssize_t n = gzip_ != nullptr ? gzwrite(gzip_, bytes.data(), static_cast<unsigned>(bytes.size()))
                                 : ::write(fd_, bytes.data(), bytes.size());
    if (n <= 0) {
      if (errno == EINTR) continue;
      error_ = name_ + " is incomplete: " + std::strerror(errno);
      return;
    }
    bytes.remove_prefix(static_cast<size_t>(n));
  }
}

void LogFile::close() {
  if (fd_ < 0) return;
  flush();
  int failed = gzip_ != nullptr ? gzclose(gzip_) != Z_OK : ::close(fd_) != 0;
  if (failed && error_.empty()) error_ = name_ + " is incomplete: " + std::strerror(errno);
  gzip_ = nullptr;
  fd_ = -1;
}

LogDirectory::~LogDirectory() {
  if (fd_ >= 0) ::close(fd_);
}

std::unique_ptr<LogFile> LogDirectory::create(std::string_view path, std::string_view extension,
                                              int gzipLevel) {
  std::string name = logFileName(path, extension, gzipLevel);
  auto failed = [&](int error) {
    auto file = std::unique_ptr<LogFile>(new LogFile(-1, name, 0));
    file->error_ = name + ": " + std::strerror(error);
    return file;
  };
  int at = fd_;
  size_t start = 0;
  // One folder at a time, never through a link: what a package once created is no way out.
  for (size_t slash = name.find('/'); slash != std::string::npos; slash = name.find('/', start)) {
    std::string part = name.substr(start, slash - start);
    int made = mkdirat(at, part.c_str(), 0777);
    int next = made == 0 || errno == EEXIST
                   ? openat(at, part.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                   : -1;
    int error = errno;
    if (at != fd_) ::close(at);
    if (next < 0) return failed(error);
    at = next;
    start = slash + 1;
  }
  int fd =
      openat(at, name.c_str() + start, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
  int error = errno;
  if (at != fd_) ::close(at);
  if (fd < 0) return failed(error);
  return std::unique_ptr<LogFile>(new LogFile(fd, name, gzipLevel));
}

}  // namespace bulkhead::logging
