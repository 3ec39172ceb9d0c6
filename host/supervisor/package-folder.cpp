#include "host/supervisor/package-folder.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace bulkhead::supervisor {

namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())))
    text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())))
    text.remove_suffix(1);
  return text;
}

bool sameKey(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

// A name goes into logs, cgroups and `@load`: no separators, nothing that a terminal acts on.
bool goodName(std::string_view name) {
  if (name.empty() || name.size() > mostNameBytes || name.front() == '.' || name.front() == '-')
    return false;
  return std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '-' || c == '_' || c == '.';
  });
}

bool staysBeneath(std::string_view path) {
  if (path.empty() || path.front() == '/') return false;
  while (!path.empty()) {
    auto end = std::min(path.find('/'), path.size());
    if (path.substr(0, end) == "..") return false;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return true;
}

// Links included; what does not exist leads nowhere.
bool leadsOut(const std::filesystem::path& folder, const std::filesystem::path& path) {
  std::error_code error;
  auto real = std::filesystem::weakly_canonical(path, error);
  if (error) return true;
  return std::mismatch(folder.begin(), folder.end(), real.begin(), real.end()).first !=
         folder.end();
}

bool isPackage(const std::filesystem::path& folder) {
  std::error_code error;
  return std::filesystem::exists(folder / "zkg.meta", error) ||
         std::filesystem::exists(folder / "bro-pkg.meta", error);
}

}  // namespace

std::string packageValue(std::string_view metadata, std::string_view key) {
  std::string out;
  bool inSection = false, inValue = false;
  while (!metadata.empty()) {
    auto end = std::min(metadata.find('\n'), metadata.size());
    auto line = metadata.substr(0, end);
    metadata.remove_prefix(std::min(end + 1, metadata.size()));
    auto text = trim(line);
    if (text.empty() || text.front() == '#' || text.front() == ';') continue;
    if (std::isspace(static_cast<unsigned char>(line.front()))) {
      if (inValue) out += (out.empty() ? "" : " ") + std::string(text);
      continue;
    }
    inValue = false;
    if (text.front() == '[') {
      inSection = text == "[package]";
      continue;
    }
    auto split = text.find_first_of("=:");
    if (!inSection || split == std::string_view::npos) continue;
    if (!sameKey(trim(text.substr(0, split)), key)) continue;
    inValue = true;
    out = trim(text.substr(split + 1));
  }
  return out;
}

OpenedPackage openPackage(const std::string& given) {
  PackageFolder package;
  package.path = given;
  while (package.path.size() > 1 && package.path.back() == '/') package.path.pop_back();
  std::error_code error;
  auto whole = std::filesystem::weakly_canonical(package.path, error);
  if (error || !std::filesystem::exists(whole, error)) return given + ": no such package folder";
  if (!std::filesystem::is_directory(whole, error)) return given + ": is not a folder";
  package.name = whole.filename();
  if (!goodName(package.name)) {
    return given +
           ": the folder's name is the package's; it may have letters, digits, '-', '_' "
           "and '.', and starts with a letter, a digit or '_'";
  }
  auto file = package.path + "/zkg.meta";
  // Its name before zkg had that name.
  if (auto old = package.path + "/bro-pkg.meta";
      !std::filesystem::exists(file, error) && std::filesystem::exists(old, error))
    file = old;
  if (leadsOut(whole, file)) return file + ": leads out of the package";
  // Opening a pipe would wait for somebody who writes to it.
  if (std::filesystem::exists(file, error) && !std::filesystem::is_regular_file(file, error))
    return file + ": is no regular file";
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    return given + ": is no package, it has no zkg.meta (" + std::strerror(errno) + ")";
  }
  std::string text(mostMetadataBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  if (text.size() > mostMetadataBytes) {
    return file + ": is larger than " + std::to_string(mostMetadataBytes) + " bytes";
  }
  if (text.find("[package]") == std::string::npos) return file + ": has no section [package]";
  package.scriptDir = packageValue(text, "script_dir");
  if (package.scriptDir.empty()) package.scriptDir = ".";
  if (!staysBeneath(package.scriptDir) || leadsOut(whole, package.path + "/" + package.scriptDir)) {
    return file + ": script_dir leads out of the package";
  }
  package.description = packageValue(text, "description");
  package.target = package.name;
  package.depends = dependencies(packageValue(text, "depends"));
  return package;
}

OpenedPackage openScripts(const std::string& given) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path whole = fs::weakly_canonical(given, error);
  if (error || !fs::exists(whole, error)) return given + ": no such package or script";
  if (fs::is_directory(whole, error)) {
    if (!fs::exists(whole / "__load__.zeek", error) || isPackage(whole)) return openPackage(given);
    PackageFolder folder;
    folder.path = whole;
    folder.name = folder.target = whole.filename();
    folder.scriptDir = ".";
    if (!goodName(folder.name)) return given + ": the folder's name is no name of a package";
    return folder;
  }
  PackageFolder script;
  script.path = whole.parent_path();
  script.scriptDir = ".";
  script.name = whole.stem();
  if (whole.extension() != ".zeek") return given + ": is neither a folder nor a .zeek script";
  if (!goodName(script.name)) return given + ": the script's name is no name of a package";
  script.target = script.name + "/" + whole.filename().string();
  return script;
}

std::vector<PackageFolder> packagesIn(const std::string& path) {
  namespace fs = std::filesystem;
  std::vector<PackageFolder> found;
  auto take = [&](const std::string& each) {
    auto opened = openPackage(each);
    if (auto* package = std::get_if<PackageFolder>(&opened)) found.push_back(std::move(*package));
  };
  std::error_code error;
  if (isPackage(path)) {
    take(path);
    return found;
  }
  for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
    if (found.size() >= mostPackages) break;
    if (isPackage(at->path())) take(at->path());
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return found;
}

std::vector<std::string> dependencies(std::string_view depends) {
  std::vector<std::string> out;
  // Names and versions take turns.
  for (bool isName = true; !(depends = trim(depends)).empty(); isName = !isName) {
    size_t end = 0;
    while (end < depends.size() && !std::isspace(static_cast<unsigned char>(depends[end]))) ++end;
    auto word = depends.substr(0, end);
    depends.remove_prefix(end);
    if (!isName) continue;
    while (word.ends_with('/')) word.remove_suffix(1);
    word = word.substr(word.rfind('/') + 1);
    if (word.ends_with(".git")) word.remove_suffix(4);
    if (word == "zeek" || word == "bro" || word == "zkg" || word == "bro-pkg") continue;
    if (goodName(word)) out.emplace_back(word);
  }
  return out;
}

}  // namespace bulkhead::supervisor
