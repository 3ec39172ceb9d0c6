#pragma once
// The one folder that log files are created in, and the files themselves.
//
// Owned by the logger process, event-loop thread. Paths come from packages and are hostile: a path
// is checked by checkLogPath() and opened beneath the directory descriptor without following links,
// so that no row ever lands outside. The machine's refusals (full disk, no permission) are kept as
// a value in LogFile::error(): the run goes on and the end status says so.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct gzFile_s;

namespace bulkhead::logging {

inline constexpr size_t maxPathLength = 255;  // bytes, schemas/rows.capnp
inline constexpr int maxPathDepth = 8;        // folders in a path such as "http/by-host"

// Empty if `path` may name a log; otherwise what is wrong with it, for a person.
std::string checkLogPath(std::string_view path);

class LogFile {
 public:
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  // Buffered; data is on its way to the file at the latest with flush() or close().
  void append(std::string_view bytes);
  void flush();
  // Flushes and closes; further appends are our bug.
  void close();
  // Empty while every write succeeded; else "name: reason" of the first failure.
  const std::string& error() const { return error_; }
  const std::string& name() const { return name_; }
  uint64_t bytes() const { return bytes_; }

 private:
  friend class LogDirectory;
  LogFile(int fd, std::string name, int gzipLevel);
  void writeAll(std::string_view bytes);

  int fd_;
  gzFile_s* gzip_ = nullptr;
  std::string name_;
  std::string buffer_;
  std::string error_;
  uint64_t bytes_ = 0;
};

class LogDirectory {
 public:
  // Takes the descriptor of an open folder; closes it.
  explicit LogDirectory(int directoryFd) : fd_(directoryFd) {}
  ~LogDirectory();
  LogDirectory(const LogDirectory&) = delete;
  LogDirectory& operator=(const LogDirectory&) = delete;

  // Creates or truncates `path`.`extension` (with ".gz" where gzipLevel > 0); folders in the path
  // are made. Never null: if the machine refuses, error() of the file says why and appends go
  // nowhere.
  std::unique_ptr<LogFile> create(std::string_view path, std::string_view extension, int gzipLevel);

 private:
  int fd_;
};

}  // namespace bulkhead::logging
