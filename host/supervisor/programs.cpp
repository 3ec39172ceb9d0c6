#include "host/supervisor/programs.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>

namespace bulkhead::supervisor {

namespace fs = std::filesystem;

std::variant<Programs, std::string> findPrograms() {
  std::error_code error;
  fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path();
  if (error) return "/proc/self/exe: " + error.message();
  Programs found;
  struct Wanted {
    const char* name;
    kj::AutoCloseFd& fd;
  } wanted[] = {{"bulkhead-worker", found.worker},
                {"bulkhead-logger", found.logger},
                {"bulkhead-zygote", found.zygote}};
  for (auto& each : wanted) {
    fs::path path = folder / each.name;
    each.fd = kj::AutoCloseFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (each.fd.get() < 0) {
      return path.string() + ": " + std::strerror(errno) +
             "; it belongs beside this program, build or install again";
    }
  }
  const char* given = std::getenv("BULKHEAD_BASE");
  fs::path choices[] = {given != nullptr ? given : "", folder / "../share/bulkhead/base",
                        BULKHEAD_SOURCE_BASE};
  for (const auto& choice : choices) {
    if (!choice.empty() && fs::exists(choice / "base/init-bare.zeek", error)) {
      found.baseLibrary = choice.lexically_normal();
      return found;
    }
    if (&choice == choices && given != nullptr) {
      return std::string(given) +
             ": BULKHEAD_BASE names no script library (base/init-bare.zeek "
             "is not beneath it)";
    }
  }
  return "the script library was not found; set BULKHEAD_BASE to the folder that has base/ and "
         "policy/";
}

}  // namespace bulkhead::supervisor
