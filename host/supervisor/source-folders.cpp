#include "host/supervisor/source-folders.h"

#include "schemas/package.capnp.h"

#include <capnp/serialize.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <linux/openat2.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace bulkhead::supervisor {

namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

// "a/b/../c/./d" to "a/c/d"; empty if it leads out. Only for names relative to the loading file:
// what the file system makes of it is the kernel's judgement.
std::optional<std::string> normal(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    auto end = std::min(path.find('/'), path.size());
    auto part = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      if (parts.empty()) return std::nullopt;
      parts.pop_back();
    } else {
      parts.push_back(part);
    }
  }
  std::string out;
  for (auto part : parts) out += (out.empty() ? "" : "/") + std::string(part);
  return out.empty() ? "." : out;
}

}  // namespace

void SourceFolders::add(const std::string& path, std::string label, SourceOrigin origin) {
  kj::AutoCloseFd fd(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0) fail(path);
  folders_.push_back({kj::mv(fd), std::move(label), origin});
}

namespace {

std::optional<FoundSource> readAll(kj::AutoCloseFd fd, std::string path, SourceOrigin origin) {
  struct stat about {};
  if (::fstat(fd.get(), &about) != 0) fail(path);
  if (!S_ISREG(about.st_mode)) return std::nullopt;
  if (static_cast<uint64_t>(about.st_size) > mostSourceBytes) {
    return FoundSource{std::move(path),
                       {},
                       origin,
                       "it is larger than " + std::to_string(mostSourceBytes >> 20) + " MiB"};
  }
  FoundSource found{
      std::move(path), std::string(static_cast<size_t>(about.st_size), '\0'), origin, {}};
  size_t have = 0;
  while (have < found.text.size()) {
    ssize_t n = ::read(fd.get(), found.text.data() + have, found.text.size() - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(found.path);
    if (n == 0) break;
    have += static_cast<size_t>(n);
  }
  found.text.resize(have);
  return found;
}

// Not there, or it leads out, which is the same to a script.
bool isAbsence(int error) {
  return error == ENOENT || error == ENOTDIR || error == EXDEV || error == ELOOP ||
         error == ENAMETOOLONG;
}

}  // namespace

std::optional<FoundSource> SourceFolders::open(const Folder& folder, const std::string& name) {
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  kj::AutoCloseFd fd(
      static_cast<int>(::syscall(SYS_openat2, folder.fd.get(), name.c_str(), &how, sizeof(how))));
  std::string path = folder.label + "/" + name;
  if (fd.get() < 0) {
    if (isAbsence(errno)) return std::nullopt;
    fail(path);
  }
  return readAll(kj::mv(fd), std::move(path), folder.origin);
}

std::optional<FoundSource> SourceFolders::openAnywhere(const std::string& path) {
  for (const char* suffix : {"", ".zeek", "/__load__.zeek"}) {
    std::string name = path + suffix;
    kj::AutoCloseFd fd(::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (fd.get() < 0) {
      if (isAbsence(errno)) continue;
      fail(name);
    }
    if (auto found = readAll(kj::mv(fd), std::move(name), SourceOrigin::site)) return found;
  }
  return std::nullopt;
}

std::optional<FoundSource> SourceFolders::tryNames(const Folder& folder, const std::string& name) {
  if (name != ".") {
    if (auto found = open(folder, name)) return found;
    if (auto found = open(folder, name + ".zeek")) return found;
  }
  return open(folder, name == "." ? "__load__.zeek" : name + "/__load__.zeek");
}

std::optional<FoundSource> SourceFolders::find(std::string_view target,
                                               std::string_view from) const {
  if (target.empty() || target.size() > mostTargetBytes ||
      target.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  bool relative =
      target.starts_with("./") || target.starts_with("../") || target == "." || target == "..";
  // Beside the loading file first, for relative names only there.
  for (const auto& folder : folders_) {
    if (!from.starts_with(folder.label + "/")) continue;
    auto inside = from.substr(folder.label.size() + 1);
    auto slash = inside.rfind('/');
    auto beside =
        slash == std::string_view::npos ? std::string_view() : inside.substr(0, slash + 1);
    if (auto name = normal(std::string(beside) + std::string(target))) {
      if (auto found = tryNames(folder, *name)) return found;
    }
  }
  if (relative || target.front() == '/') {
    if (!anywhere_) return std::nullopt;
    if (target.front() == '/') return openAnywhere(std::string(target));
    auto slash = from.rfind('/');
    auto beside =
        slash == std::string_view::npos ? std::string_view("./") : from.substr(0, slash + 1);
    return openAnywhere(std::string(beside) + std::string(target));
  }
  auto name = normal(target);
  if (!name) return std::nullopt;
  for (const auto& folder : folders_) {
    // As zkg's folder of packages is on the path, a package is found by its name before something
    // of that name inside it.
    std::string_view named = *name;
    if (named.starts_with("packages/")) named.remove_prefix(9);
    if (folder.origin == SourceOrigin::package && named.starts_with(folder.label)) {
      std::string inside(named.substr(folder.label.size()));
      if (inside.empty() || inside.front() == '/') {
        if (auto found = tryNames(folder, inside.empty() ? "." : inside.substr(1))) return found;
      }
    }
    if (auto found = tryNames(folder, *name)) return found;
  }
  return std::nullopt;
}

void addLibrary(SourceFolders& to, const std::string& baseLibrary) {
  std::string label(libraryLabel);
  to.add(baseLibrary, label, SourceOrigin::base);
  to.add(baseLibrary + "/policy", label + "/policy", SourceOrigin::base);
  to.add(baseLibrary + "/site", label + "/site", SourceOrigin::base);
}

bool SourceFolders::shadowsLibrary() const {
  for (const auto& folder : folders_) {
    if (folder.origin == SourceOrigin::base) return false;
    if (folder.label == "base") return true;
    struct stat about {};
    if (::fstatat(folder.fd.get(), "base", &about, 0) == 0 || errno != ENOENT) return true;
  }
  return false;
}

kj::AutoCloseFd packLibrary(const std::string& baseLibrary) {
  namespace fs = std::filesystem;
  std::vector<std::pair<std::string, fs::path>> found;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(baseLibrary) / "base")) {
    if (!entry.is_regular_file() || entry.path().extension() != ".zeek") continue;
    auto below = entry.path().lexically_relative(baseLibrary).generic_string();
    found.emplace_back(std::string(libraryLabel) + "/" + below, entry.path());
  }
  // The order of a folder is the file system's; the library's is the same everywhere.
  std::sort(found.begin(), found.end());
  capnp::MallocMessageBuilder message;
  auto files =
      message.initRoot<schemas::ScriptLibrary>().initFiles(static_cast<unsigned>(found.size()));
  for (unsigned i = 0; i < found.size(); ++i) {
    const auto& [name, path] = found[i];
    kj::AutoCloseFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (fd.get() < 0) fail(path);
    auto read = readAll(kj::mv(fd), name, SourceOrigin::base);
    if (!read || !read->refusal.empty()) continue;
    files[i].setPath(name);
    files[i].setText({reinterpret_cast<const kj::byte*>(read->text.data()), read->text.size()});
  }
  kj::AutoCloseFd memory(::memfd_create("script-library", MFD_CLOEXEC));
  if (memory.get() < 0) fail("a memory file");
  capnp::writeMessageToFd(memory.get(), message);
  if (::lseek(memory.get(), 0, SEEK_SET) != 0) fail("a memory file");
  return memory;
}

std::string libraryTarget(std::string_view path) {
  if (path.starts_with(libraryLabel)) path.remove_prefix(libraryLabel.size() + 1);
  return std::string(path);
}

}  // namespace bulkhead::supervisor
