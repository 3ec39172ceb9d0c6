#pragma once
// For tests: the base library of the source tree as the supervisor hands it to the zygote.

#include "schemas/package.capnp.h"

#include <capnp/serialize.h>
#include <kj/debug.h>
#include <kj/io.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

namespace bulkhead::runner {

inline const std::string libraryRoot = "<zeek>";

inline std::map<std::string, std::string> libraryFiles() {
  namespace fs = std::filesystem;
  const fs::path top = BULKHEAD_BASE_LIBRARY;
  std::map<std::string, std::string> out;
  for (const auto& entry : fs::recursive_directory_iterator(top / "base")) {
    if (!entry.is_regular_file() || entry.path().extension() != ".zeek") continue;
    std::ifstream in(entry.path());
    out[libraryRoot + "/" + entry.path().lexically_relative(top).generic_string()] = {
        std::istreambuf_iterator<char>(in), {}};
  }
  return out;
}

inline kj::AutoCloseFd libraryFile(const std::map<std::string, std::string>& files) {
  capnp::MallocMessageBuilder message;
  auto list =
      message.initRoot<schemas::ScriptLibrary>().initFiles(static_cast<unsigned>(files.size()));
  unsigned at = 0;
  for (const auto& [path, text] : files) {
    list[at].setPath(path);
    list[at++].setText({reinterpret_cast<const kj::byte*>(text.data()), text.size()});
  }
  int fd;
  KJ_SYSCALL(fd = memfd_create("script-library", MFD_CLOEXEC));
  kj::AutoCloseFd memory(fd);
  capnp::writeMessageToFd(fd, message);
  KJ_SYSCALL(lseek(fd, 0, SEEK_SET));
  return memory;
}

}  // namespace bulkhead::runner
