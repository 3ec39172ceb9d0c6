#include "sdk/script/source/source-provider.h"

#include "sdk/script/source/source-manager.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <sys/stat.h>

namespace bulkhead::source {
namespace {

constexpr size_t kMaxTargetLength = 4096;

bool endsWith(std::string_view text, std::string_view tail) {
  return text.size() >= tail.size() && text.substr(text.size() - tail.size()) == tail;
}

std::string join(std::string_view directory, std::string_view name) {
  if (directory.empty()) return normalizedPath(name);
  return normalizedPath(std::string(directory) + "/" + std::string(name));
}

}  // namespace

std::string normalizedPath(std::string_view path) {
  bool absolute = !path.empty() && path.front() == '/';
  std::vector<std::string_view> parts;
  size_t begin = 0;
  while (begin <= path.size()) {
    size_t end = path.find('/', begin);
    if (end == std::string_view::npos) end = path.size();
    std::string_view part = path.substr(begin, end - begin);
    begin = end + 1;
    if (part.empty() || part == ".") continue;
    if (part == ".." && !parts.empty() && parts.back() != "..") {
      parts.pop_back();
    } else if (part != ".." || !absolute) {
      parts.push_back(part);
    }
  }
  std::string out = absolute ? "/" : "";
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += "/";
    out += parts[i];
  }
  return out.empty() ? "." : out;
}

std::string SourceProvider::directoryOf(const ResolvedFile& file) const {
  return source::directoryOf(file.path);
}

std::string directoryOf(std::string_view path) {
  size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return slash == 0 ? "/" : std::string(path.substr(0, slash));
}

std::optional<std::string> SearchPathProvider::fileAt(const std::string& path, LoadKind kind) {
  // The name with its extension wins over the bare name, and that over the folder.
  if (kind == LoadKind::signatures) {
    if (!endsWith(path, ".sig") && entryAt(path + ".sig") == Entry::file) return path + ".sig";
    if (entryAt(path) == Entry::file) return path;
    return std::nullopt;
  }
  if (!endsWith(path, ".zeek") && entryAt(path + ".zeek") == Entry::file) return path + ".zeek";
  Entry entry = entryAt(path);
  if (entry == Entry::file) return path;
  if (entry == Entry::directory) {
    std::string inside = path + "/__load__.zeek";
    if (entryAt(inside) == Entry::file) return inside;
  }
  return std::nullopt;
}

ResolvedFile SearchPathProvider::describe(std::string path) const {
  ResolvedFile found{std::move(path), "", originSite};
  size_t longest = 0;
  for (const SearchRoot& root : roots_) {
    std::string prefix = normalizedPath(root.directory) + "/";
    if (prefix == "./") prefix.clear();
    if (found.path.compare(0, prefix.size(), prefix) != 0) continue;
    if (prefix.size() < longest) continue;
    if (prefix.size() == longest && longest > 0) continue;
    longest = prefix.size();
    found.withinRoot = found.path.substr(prefix.size());
    found.origin = root.origin;
  }
  return found;
}

std::optional<ResolvedFile> SearchPathProvider::resolve(std::string_view target,
                                                        std::string_view fromPath, LoadKind kind) {
  if (target.empty() || target.size() > kMaxTargetLength ||
      target.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  std::vector<std::string> tried;
  if (target.front() == '.') {
    tried.push_back(join(fromPath.empty() ? "." : source::directoryOf(fromPath), target));
  } else if (target.front() == '/') {
    tried.push_back(normalizedPath(target));
  } else {
    for (const SearchRoot& root : roots_) tried.push_back(join(root.directory, target));
    // A file named on the command line is looked for where the caller stands, too.
    if (fromPath.empty()) tried.push_back(normalizedPath(target));
  }
  for (const std::string& path : tried) {
    if (auto file = fileAt(path, kind)) return describe(std::move(*file));
  }
  return std::nullopt;
}

std::variant<std::string, Unreadable> MemorySourceProvider::read(const std::string& path) {
  auto found = files_.find(path);
  if (found == files_.end()) return Unreadable{"no such file"};
  return found->second;
}

SearchPathProvider::Entry MemorySourceProvider::entryAt(const std::string& path) {
  auto at = files_.lower_bound(path);
  if (at != files_.end() && at->first == path) return Entry::file;
  at = files_.lower_bound(path + "/");
  if (at != files_.end() && at->first.compare(0, path.size() + 1, path + "/") == 0) {
    return Entry::directory;
  }
  return Entry::nothing;
}

std::variant<std::string, Unreadable> DiskSourceProvider::read(const std::string& path) {
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"),
                                                       &std::fclose);
  if (!file) return Unreadable{std::strerror(errno)};
  std::string text;
  char buffer[1 << 16];
  size_t got = 0;
  while ((got = std::fread(buffer, 1, sizeof buffer, file.get())) > 0) {
    text.append(buffer, got);
    // One byte past the limit is enough for the manager to refuse the file with its reason.
    if (text.size() > kMaxFileBytes) break;
  }
  if (std::ferror(file.get())) return Unreadable{std::strerror(errno)};
  return text;
}

SearchPathProvider::Entry DiskSourceProvider::entryAt(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return Entry::nothing;
  if (S_ISDIR(status.st_mode)) return Entry::directory;
  return S_ISREG(status.st_mode) ? Entry::file : Entry::nothing;
}

}  // namespace bulkhead::source
