#include "sandbox/cgroup/cgroup-files.h"

#include <kj/debug.h>
#include <kj/io.h>

#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace bulkhead::sandbox {
namespace {

constexpr size_t maxFileBytes = 65536;

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::stringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

// The path of this process in the tree with these controllers ("" for version 2).
kj::Maybe<std::string> ownPath(const std::string& selfCgroup, const std::string& controllers) {
  for (const std::string& line : split(selfCgroup, '\n')) {
    const size_t first = line.find(':');
    const size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    if (line.substr(first + 1, second - first - 1) == controllers) return line.substr(second + 1);
  }
  return nullptr;
}

}  // namespace

kj::Vector<CgroupMount> findCgroupMounts() {
  kj::Vector<CgroupMount> result;
  std::string selfCgroup, mountInfo;
  KJ_IF_MAYBE (text, readSmallFile("/proc/self/cgroup")) selfCgroup = text->cStr();
  KJ_IF_MAYBE (text, readSmallFile("/proc/self/mountinfo")) mountInfo = text->cStr();
  for (const std::string& line : split(mountInfo, '\n')) {
    // id parent dev ROOT MOUNTPOINT options ... - FSTYPE source SUPEROPTIONS
    const size_t dash = line.find(" - ");
    if (dash == std::string::npos) continue;
    const auto front = split(line.substr(0, dash), ' ');
    const auto back = split(line.substr(dash + 3), ' ');
    if (front.size() < 5 || back.size() < 3) continue;
    const bool version2 = back[0] == "cgroup2";
    if (!version2 && back[0] != "cgroup") continue;

    CgroupMount mount;
    mount.isVersion2 = version2;
    std::string controllers;
    if (!version2) {
      for (const std::string& option : split(back[2], ',')) {
        for (const char* known : {"memory", "cpu", "cpuacct", "pids"}) {
          if (option == known) mount.controllers.add(kj::heapString(option.c_str()));
        }
        if (option != "rw" && option != "ro" && option.find('=') == std::string::npos &&
            option != "clone_children" && option != "xattr") {
          controllers += (controllers.empty() ? "" : ",") + option;
        }
      }
      if (mount.controllers.empty()) continue;
    }
    const auto path = ownPath(selfCgroup, controllers);
    KJ_IF_MAYBE (own, path) {
      // A container sees only a part of the tree: the mount's root.
      std::string relative = *own;
      const std::string& root = front[3];
      if (root != "/" && relative.rfind(root, 0) == 0) relative = relative.substr(root.size());
      if (relative.find("/..") != std::string::npos) continue;
      if (relative == "/") relative.clear();
      mount.mountPoint = kj::heapString(front[4].c_str());
      mount.ownDirectory = kj::heapString((front[4] + relative).c_str());
      if (!fileExists(mount.ownDirectory)) continue;
      result.add(kj::mv(mount));
    }
  }
  return result;
}

kj::Maybe<kj::String> readSmallFile(kj::StringPtr path) {
  const int fd = open(path.cStr(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return nullptr;
  const kj::AutoCloseFd closer(fd);
  std::string text;
  char buffer[4096];
  ssize_t got;
  while (text.size() < maxFileBytes && (got = read(fd, buffer, sizeof(buffer))) > 0) {
    text.append(buffer, static_cast<size_t>(got));
  }
  return kj::heapString(text.data(), text.size());
}

void writeSmallFile(kj::StringPtr path, kj::StringPtr value) {
  int fd;
  KJ_SYSCALL(fd = open(path.cStr(), O_WRONLY | O_CLOEXEC), path);
  const kj::AutoCloseFd closer(fd);
  ssize_t written;
  KJ_SYSCALL(written = write(fd, value.begin(), value.size()), path, value);
}

bool tryWriteSmallFile(kj::StringPtr path, kj::StringPtr value) {
  const int fd = open(path.cStr(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const kj::AutoCloseFd closer(fd);
  return write(fd, value.begin(), value.size()) == static_cast<ssize_t>(value.size());
}

bool fileExists(kj::StringPtr path) { return access(path.cStr(), F_OK) == 0; }

uint64_t numberIn(kj::StringPtr path) {
  KJ_IF_MAYBE (text, readSmallFile(path)) return std::strtoull(text->cStr(), nullptr, 10);
  return 0;
}

uint64_t numberAfter(kj::StringPtr path, kj::StringPtr key) {
  KJ_IF_MAYBE (text, readSmallFile(path)) {
    for (const std::string& line : split(text->cStr(), '\n')) {
      if (line.size() > key.size() && line.compare(0, key.size(), key.cStr()) == 0 &&
          line[key.size()] == ' ') {
        return std::strtoull(line.c_str() + key.size() + 1, nullptr, 10);
      }
    }
  }
  return 0;
}

kj::String safeFolderName(kj::StringPtr name) {
  constexpr size_t longest = 64;
  kj::Vector<char> result;
  for (char c : name) {
    if (result.size() == longest) break;
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' ||
                       (c == '.' && !result.empty());
    result.add(plain ? c : '_');
  }
  if (result.empty()) result.add('_');
  return kj::heapString(result.begin(), result.size());
}

kj::Maybe<kj::String> makeOwnFolder(kj::StringPtr parent) {
  for (unsigned n = 0; n < mostOwnFolders; ++n) {
    auto folder = kj::str(parent, "/bulkhead-", getpid());
    if (n > 0) folder = kj::str(folder, '.', n);
    if (mkdir(folder.cStr(), 0755) == 0) return kj::mv(folder);
    if (errno != EEXIST) break;
  }
  return nullptr;
}

}  // namespace bulkhead::sandbox
