#include "sdk/script/driver/disk-host.h"

#include <cerrno>
#include <cstring>

namespace bulkhead::driver {

DiskHost::~DiskHost() {
  for (auto& [handle, file] : files_) {
    if (file != stdout && file != stderr) std::fclose(file);
  }
}

void DiskHost::print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void DiskHost::report(const vm::Report& report) {
  std::fflush(stdout);
  std::string text = reportText(report);
  std::fwrite(text.data(), 1, text.size(), stderr);
}

std::optional<uint64_t> DiskHost::openFile(std::string_view name, FileMode mode,
                                           std::string& error) {
  std::string path(name);
  std::FILE* file = nullptr;
  if (path == "-" || path == "/dev/stdout") {
    file = stdout;
  } else if (path == "/dev/stderr") {
    file = stderr;
  } else {
    file = std::fopen(path.c_str(), mode == FileMode::append ? "ae" : "we");
  }
  if (file == nullptr) {
    error = std::strerror(errno);
    return std::nullopt;
  }
  files_[next_] = file;
  return next_++;
}

bool DiskHost::writeFile(uint64_t handle, std::string_view bytes) {
  auto it = files_.find(handle);
  return it != files_.end() &&
         std::fwrite(bytes.data(), 1, bytes.size(), it->second) == bytes.size();
}

bool DiskHost::flushFile(uint64_t handle) {
  auto it = files_.find(handle);
  return it != files_.end() && std::fflush(it->second) == 0;
}

void DiskHost::setFileBuffered(uint64_t handle, bool buffered) {
  auto it = files_.find(handle);
  if (it == files_.end()) return;
  std::fflush(it->second);
  std::setvbuf(it->second, nullptr, buffered ? _IOFBF : _IONBF, buffered ? BUFSIZ : 0);
}

bool DiskHost::flushAllFiles() { return std::fflush(nullptr) == 0; }

bool DiskHost::closeFile(uint64_t handle) {
  auto it = files_.find(handle);
  if (it == files_.end()) return false;
  std::FILE* file = it->second;
  files_.erase(it);
  if (file == stdout || file == stderr) return std::fflush(file) == 0;
  return std::fclose(file) == 0;
}

std::string reportText(const vm::Report& report) {
  std::string text;
  switch (report.severity) {
    case vm::Severity::info:
      break;
    case vm::Severity::warning:
      text = "warning";
      break;
    case vm::Severity::error:
      text = "error";
      break;
    case vm::Severity::fatal:
      text = "fatal error";
      break;
  }
  if (report.expression && report.severity == vm::Severity::error) text = "expression error";
  if (report.place.line != 0) {
    if (!text.empty()) text += " in ";
    text += std::string(report.place.file) + ", line " + std::to_string(report.place.line);
  }
  if (!text.empty()) text += ": ";
  text += report.message + "\n";
  if (report.severity >= vm::Severity::error && report.stack.size() > 1) {
    for (const vm::StackEntry& entry : report.stack) {
      text += "    in " + std::string(entry.function);
      if (entry.place.line != 0) {
        text += " at " + std::string(entry.place.file) + ":" + std::to_string(entry.place.line);
      }
      text += "\n";
    }
  }
  return text;
}

}  // namespace bulkhead::driver
