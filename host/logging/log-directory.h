#pragma once
// The one folder that log files are created in, and the files themselves.
//
// Owned by the logger process, event-loop thread. Paths come from packages and are hostile: a path
// is checked by checkLogPath() and opened beneath the directory descriptor without following links,
// so that no row ever lands outside. A folder's name has no dot and a file's always has one: no
// path can put a folder where another log's file is to be. The machine's refusals (full disk, no
// permission) are kept as a value in LogFile::error(): the run goes on and the end status says so.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct gzFile_s;

namespace bulkhead::logging {

inline constexpr size_t maxPathLength = 255;  // bytes, schemas/rows.capnp
inline constexpr int maxPathDepth = 8;        // folders in a path such as "http/by-host"
// Of a name in it. A file system allows 255 bytes: the extension, ".gz" and a number come on top.
inline constexpr size_t maxPartLength = 200;
inline constexpr size_t maxExtensionLength = 32;

// Empty if `path` may name a log; otherwise what is wrong with it, for a person.
std::string checkLogPath(std::string_view path);
// Likewise for what stands behind a log's path: "log", "json".
std::string checkLogExtension(std::string_view extension);
// The file of a log, with the folders of its path.
std::string logFileName(std::string_view path, std::string_view extension, int gzipLevel);

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
