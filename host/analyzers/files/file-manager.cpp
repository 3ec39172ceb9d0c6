#include "host/analyzers/files/file-manager.h"

#include <algorithm>
#include <vector>

namespace bulkhead::analyzers::files {

using events::EventId;
using events::Value;

namespace {

constexpr EventId fileEvents[] = {
    EventId::file_new,          EventId::file_over_new_connection,
    EventId::file_sniff,        EventId::file_timeout,
    EventId::file_gap,          EventId::file_reassembly_overflow,
    EventId::file_state_remove,
};

}  // namespace

FileManager::FileManager(events::EventSink& sink, flow::TimerQueue& timers,
                         std::string_view digestSalt)
    : sink_(sink), timers_(timers), fuids_(digestSalt) {}

// One for the process: compiled once, and it only grows a cache.
const MimeMagic& FileManager::magic() const {
  static const MimeMagic magic;
  return magic;
}

bool FileManager::active() const {
  return std::any_of(std::begin(fileEvents), std::end(fileEvents),
                     [&](EventId event) { return sink_.wants(event); });
}

std::string FileManager::identify(const flow::FileOrigin& origin, std::string_view handle) {
  givenHandle_ = handle;
  if (sink_.wants(EventId::get_file_handle)) {
    // Nobody's answer matters: then it is the base library's, which is the same. It comes later.
    asking_ = sink_.awaits(EventId::get_file_handle);
    sink_.raise(EventId::get_file_handle,
                {Value::enumOf(origin.analyzerTag), Value::of(origin.context.state()),
                 Value::of(origin.isOrig)});
    sink_.drain();
    asking_ = false;
  }
  return givenHandle_.empty() ? std::string() : fuids_.make(givenHandle_);
}

File* FileManager::find(std::string_view fuid) {
  auto found = files_.find(fuid);
  return found == files_.end() ? nullptr : found->second.get();
}

File* FileManager::get(const flow::FileOrigin& origin, const std::string& fuid,
                       bool fromAnyConnection) {
  if (fuid.empty()) return nullptr;
  now_ = origin.context.networkTime();
  auto& connection = origin.context.state();
  auto overConnection = [&](File& file) {
    file.raise(EventId::file_over_new_connection,
               {Value::of(connection), Value::of(origin.isOrig)});
  };
  File* file = find(fuid);
  if (file) {
    if (file->ignored()) return nullptr;
    file->touch(now_);
    if (fromAnyConnection && file->addConnection(connection)) overConnection(*file);
    return file;
  }
  auto made = std::make_unique<File>(*this, fuid, std::string(origin.source), origin.isOrig);
  file = made.get();
  files_.emplace(fuid, std::move(made));
  byNumber_[static_cast<uint32_t>(file->state().number)] = file;
  file->addConnection(connection);
  file->touch(now_);
  scheduleTimeout(*file);
  file->raise(EventId::file_new);
  overConnection(*file);
  return file->ignored() ? nullptr : file;
}

bool FileManager::goOn(File& file) {
  if (!file.complete()) return true;
  remove(file.id());
  return false;
}

bool FileManager::dataIn(const flow::FileOrigin& origin, const std::string& fuid,
                         flow::Bytes data) {
  File* file = get(origin, fuid, false);
  if (!file) return false;
  file->dataIn(data);
  return goOn(*file);
}

bool FileManager::dataAt(const flow::FileOrigin& origin, const std::string& fuid, uint64_t offset,
                         flow::Bytes data) {
  File* file = get(origin, fuid, true);
  if (!file) return false;
  file->dataAt(offset, data);
  return goOn(*file);
}

bool FileManager::gap(const flow::FileOrigin& origin, const std::string& fuid, uint64_t offset,
                      uint64_t length) {
  File* file = get(origin, fuid, true);
  if (!file) return false;
  file->gap(offset, length);
  return true;
}

bool FileManager::setSize(const flow::FileOrigin& origin, const std::string& fuid, uint64_t size) {
  File* file = get(origin, fuid, true);
  if (!file) return false;
  file->setTotalBytes(size);
  return goOn(*file);
}

void FileManager::endOfFile(const std::string& fuid) { remove(fuid); }

void FileManager::remove(const std::string& fuid) {
  auto found = files_.find(fuid);
  if (found == files_.end()) return;
  // Still to be found while its last events are answered.
  found->second->endOfFile();
  auto file = std::move(found->second);
  files_.erase(found);
  byNumber_.erase(static_cast<uint32_t>(file->state().number));
  sink_.forget(file->state());
}

void FileManager::connectionRemoved(events::ConnectionState& connection) {
  for (auto& [fuid, file] : files_) file->removeConnection(connection);
}

void FileManager::scheduleTimeout(File& file) {
  file.timers().add(now_ + file.state().timeoutInterval,
                    static_cast<uint32_t>(file.state().number));
}

void FileManager::timerDue(uint32_t kind, double now) {
  auto found = byNumber_.find(kind);
  if (found == byNumber_.end()) return;
  File& file = *found->second;
  now_ = now;
  if (now - file.state().lastActive >= file.state().timeoutInterval)
    timeOut(file, false);
  else
    scheduleTimeout(file);
}

void FileManager::timeOut(File& file, bool ending) {
  file.postponed = false;
  file.raise(EventId::file_timeout);
  if (file.postponed && !ending) {
    file.touch(now_);
    scheduleTimeout(file);
    return;
  }
  remove(std::string(file.id()));
}

void FileManager::finish(double now) {
  now_ = now;
  std::vector<std::string> left;
  for (auto& [fuid, file] : files_) left.push_back(fuid);
  for (auto& fuid : left)
    if (File* file = find(fuid)) timeOut(*file, true);
}

void FileManager::fileWeird(File& file, std::string_view name, std::string_view addl) {
  if (!sink_.wants(EventId::file_weird)) return;
  sink_.raise(EventId::file_weird, {Value::textOf(name), Value::of(file.state()),
                                    Value::textOf(addl), Value::textOf(file.state().source)});
}

}  // namespace bulkhead::analyzers::files
