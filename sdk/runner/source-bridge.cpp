#include "sdk/runner/source-bridge.h"

#include "sdk/runner/limits.h"

#include <utility>

namespace bulkhead::runner {

using source::ResolvedFile;

namespace {

source::Origin originOf(schemas::Origin origin) {
  switch (origin) {
    case schemas::Origin::BASE:
      return source::originBase;
    case schemas::Origin::SITE:
      return source::originSite;
    case schemas::Origin::PACKAGE:
      break;
  }
  return source::originFirstPackage;
}

// The host's paths are a folder's label and the path beneath it. The base library's policy/ and
// site/ are folders of their own on the search path; an absolute path is beneath none.
std::string withinRoot(const std::string& path, schemas::Origin origin) {
  size_t slash = path.find('/');
  if (slash == 0 || slash == std::string::npos) return {};
  std::string within = path.substr(slash + 1);
  if (origin != schemas::Origin::BASE) return within;
  for (std::string_view folder : {"policy/", "site/"})
    if (within.starts_with(folder)) return within.substr(folder.size());
  return within;
}

}  // namespace

SourceBridge::~SourceBridge() noexcept = default;

std::optional<ResolvedFile> SourceBridge::ask(const std::string& target,
                                              std::string_view fromPath) {
  std::pair key{fromPath.empty() ? std::string() : source::directoryOf(fromPath), target};
  auto known = asked_.find(key);
  if (known != asked_.end()) return known->second;
  if (target.size() > maxTargetBytes || fromPath.size() > maxTargetBytes) return std::nullopt;
  auto request = host_.readSourceRequest();
  request.setTarget(kj::heapString(target.data(), target.size()));
  request.setFrom(kj::heapString(fromPath.data(), fromPath.size()));
  auto response = request.send().wait(waitScope_);
  std::optional<ResolvedFile> found;
  if (response.getFound()) {
    auto name = response.getPath();
    std::string path(name.begin(), name.size());
    auto text = response.getText();
    auto refused = response.getRefused();
    if (refused.size() > 0)
      refused_.try_emplace(path, refused.begin(), refused.size());
    else
      texts_.try_emplace(path, reinterpret_cast<const char*>(text.begin()), text.size());
    found =
        ResolvedFile{path, withinRoot(path, response.getOrigin()), originOf(response.getOrigin())};
  }
  asked_.emplace(std::move(key), found);
  return found;
}

std::optional<ResolvedFile> SourceBridge::resolve(std::string_view target,
                                                  std::string_view fromPath,
                                                  source::LoadKind kind) {
  std::string name(target);
  if (kind == source::LoadKind::signatures && !name.ends_with(".sig")) {
    if (auto found = ask(name + ".sig", fromPath)) return found;
  }
  return ask(name, fromPath);
}

std::variant<std::string, source::Unreadable> SourceBridge::read(const std::string& path) {
  if (auto refused = refused_.find(path); refused != refused_.end())
    return source::Unreadable{refused->second};
  auto found = texts_.find(path);
  if (found == texts_.end()) return source::Unreadable{"the host did not give this file"};
  return std::move(found->second);
}

std::string SourceBridge::directoryOf(const ResolvedFile& file) const {
  std::string folder = source::directoryOf(file.path);
  const bool relative = !folder.starts_with('/') && !folder.starts_with('<');
  // Of other origins the path is a name in the host's words, and tells nothing of the machine.
  if (file.origin != source::originSite || workingDirectory_.empty() || !relative) return folder;
  return workingDirectory_ + "/" + folder;
}

}  // namespace bulkhead::runner
