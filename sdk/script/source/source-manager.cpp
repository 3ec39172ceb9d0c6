#include "sdk/script/source/source-manager.h"

#include <algorithm>

namespace bulkhead::source {

const SourceFile* SourceManager::add(std::string name, std::string directory, std::string text,
                                     Origin origin) {
  static_assert(kMaxFileBytes == 16u << 20 && kMaxTotalBytes == 128u << 20 && kMaxFiles == 20000);
  refusal_ = text.size() > kMaxFileBytes ? "it is larger than 16 MiB"
             : nextBase_ + text.size() > kMaxTotalBytes
                 ? "all scripts of the run are larger than 128 MiB"
             : files_.size() >= kMaxFiles ? "the run has more than 20000 script files"
                                          : "";
  if (!refusal_.empty()) return nullptr;
  SourceFile& file = files_.emplace_back();
  file.name = std::move(name);
  file.directory = std::move(directory);
  file.text = std::move(text);
  file.origin = origin;
  file.base = nextBase_;
  file.lineStarts.push_back(0);
  for (size_t i = 0; i < file.text.size(); ++i) {
    if (file.text[i] == '\n') file.lineStarts.push_back(static_cast<uint32_t>(i + 1));
  }
  // One more than the text, so that "at end of file" is a location of this file and not of the
  // next.
  nextBase_ += static_cast<uint32_t>(file.text.size()) + 1;
  return &file;
}

const SourceFile* SourceManager::fileOf(Location at) const {
  if (!at.known() || files_.empty()) return nullptr;
  auto after =
      std::upper_bound(files_.begin(), files_.end(), at.offset,
                       [](uint32_t offset, const SourceFile& file) { return offset < file.base; });
  return after == files_.begin() ? nullptr : &*std::prev(after);
}

Position SourceManager::position(Location at) const {
  const SourceFile* file = fileOf(at);
  if (file == nullptr) return {};
  uint32_t byte = at.offset - file->base;
  auto after = std::upper_bound(file->lineStarts.begin(), file->lineStarts.end(), byte);
  auto line = static_cast<uint32_t>(after - file->lineStarts.begin());
  return {file, line, byte - file->lineStarts[line - 1] + 1};
}

Origin SourceManager::originOf(Location at) const {
  const SourceFile* file = fileOf(at);
  return file == nullptr ? originSite : file->origin;
}

std::string_view SourceManager::line(const SourceFile& file, uint32_t number) const {
  if (number == 0 || number > file.lineStarts.size()) return {};
  size_t begin = file.lineStarts[number - 1];
  size_t end = number < file.lineStarts.size() ? file.lineStarts[number] : file.text.size();
  while (end > begin && (file.text[end - 1] == '\n' || file.text[end - 1] == '\r')) --end;
  return std::string_view(file.text).substr(begin, end - begin);
}

std::string SourceManager::describe(Location at) const {
  Position position = this->position(at);
  if (position.file == nullptr) return "<no location>";
  return position.file->name + ":" + std::to_string(position.line);
}

}  // namespace bulkhead::source
