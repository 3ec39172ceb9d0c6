#include "host/analyzers/files/file.h"

#include "host/analyzers/files/file-manager.h"
#include "host/analyzers/options.h"

#include <algorithm>
#include <cstdio>
#include <limits>

namespace bulkhead::analyzers::files {

using events::EventId;
using events::Value;

namespace {

bool answered(EventId event) {
  return event == EventId::file_new || event == EventId::file_over_new_connection ||
         event == EventId::file_sniff || event == EventId::file_timeout ||
         event == EventId::file_extraction_limit;
}

// The four-tuple and protocol as bytes.
std::string carrierKey(const events::ConnectionId& id) {
  std::string key;
  key.append(id.origHost.bytes.begin(), id.origHost.bytes.end());
  key.append(id.respHost.bytes.begin(), id.respHost.bytes.end());
  for (uint16_t part : {id.origPort.number, id.respPort.number, uint16_t{id.protocol}}) {
    key += static_cast<char>(part >> 8);
    key += static_cast<char>(part & 0xff);
  }
  return key;
}

flow::Bytes asBytes(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace

File::File(FileManager& manager, std::string fuid, std::string source, std::optional<bool> isOrig)
    : manager_(manager),
      reassemble_(options().filesReassemble),
      reassemblyBuffer_(options().filesReassemblyBuffer),
      timers_(manager.timers(), manager) {
  state_.number = manager.nextNumber();
  state_.id = std::move(fuid);
  state_.source = std::move(source);
  state_.isOrig = isOrig;
  state_.timeoutInterval = options().filesTimeout;
  state_.bofBufferSize = options().filesBeginningSize;
}

File::~File() = default;

template <typename Call>
void File::forEach(Call call) {
  ++iterating_;
  // By index: an analyzer's event may attach another one, at the end.
  for (size_t i = 0; i < attached_.size(); ++i) {
    Attached& attached = *attached_[i];
    if (attached.finished || call(attached)) continue;
    attached.finished = true;
    for (uint32_t owner : attached.owners)
      changes_.push_back({false, owner, attached.tag, attached.args});
  }
  --iterating_;
}

void File::touch(double now) {
  state_.lastActive = now;
  ++state_.version;
}

bool File::addConnection(events::ConnectionState& connection) {
  if (!carriers_.insert(carrierKey(connection.id)).second) return false;
  state_.connections.push_back(&connection);
  ++state_.version;
  return true;
}

void File::removeConnection(events::ConnectionState& connection) {
  if (std::erase(state_.connections, &connection) > 0) ++state_.version;
}

bool File::ignored() const {
  return !stoppedFor_.empty() && stoppedFor_.size() >= manager_.subscribers();
}

void File::raise(EventId event, std::initializer_list<Value> rest, Answerers answerers) {
  if (ignored() || !manager_.sink().wants(event)) return;
  if (state_.seenBytes != seenBytes_ || state_.missingBytes != missingBytes_ ||
      state_.overflowBytes != overflowBytes_) {
    state_.seenBytes = seenBytes_;
    state_.missingBytes = missingBytes_;
    state_.overflowBytes = overflowBytes_;
    ++state_.version;
  }
  std::vector<Value> args = {Value::of(state_)};
  args.insert(args.end(), rest.begin(), rest.end());
  if (answerers == Answerers::all)
    manager_.sink().raise(event, args);
  else
    manager_.sink().raiseUnregistered(event, args);
  if (!answered(event)) return;
  manager_.sink().drain();
  applyChanges();
}

void File::setTotalBytes(uint64_t size) {
  state_.totalBytes = size;
  ++state_.version;
}

void File::dataAt(uint64_t offset, flow::Bytes data) {
  // What comes in order, with nothing kept before it, is the same however pieces are put together:
  // that answer is waited for only where one comes out of its place.
  if (reassembler_ || offset != nextOffset_) manager_.sink().settle();
  applyChanges();
  if (!reassemble_) reassembler_.reset();
  if (std::numeric_limits<uint64_t>::max() - offset < data.size()) {
    char where[64];
    std::snprintf(where, sizeof where, "offset=%llx len=%llx",
                  static_cast<unsigned long long>(offset),
                  static_cast<unsigned long long>(data.size()));
    manager_.fileWeird(*this, "file_offset_overflow", where);
    data = data.first(std::numeric_limits<uint64_t>::max() - offset);
  }
  if (reassembler_) {
    bool tooLarge = reassemblyBuffer_ > 0 && reassemblyBuffer_ < reassembler_->size();
    if (tooLarge || reassembler_->full()) {
      uint64_t at = nextOffset_;
      uint64_t skipped = reassembler_->flush();
      overflowBytes_ += skipped;
      raise(EventId::file_reassembly_overflow, {Value::count(at), Value::count(skipped)});
    }
    reassembler_->insert(offset, data);
  } else if (offset == nextOffset_) {
    inOrder(data);
  } else if (reassemble_) {
    FileReassembler::Receiver& receiver = *this;
    reassembler_ = std::make_unique<FileReassembler>(receiver, nextOffset_);
    reassembler_->insert(offset, data);
  } else {
    overflowBytes_ += data.size();
  }
  forEach([&](Attached& a) { return a.analyzer->chunk(data, offset); });
  if (complete()) endOfFile();
  applyChanges();
}

void File::bufferBeginning(flow::Bytes data) {
  if (beginningFull_) return;
  beginning_.emplace_back(data.begin(), data.end());
  beginningSize_ += data.size();
  if (beginningSize_ < state_.bofBufferSize) return;
  beginningFull_ = true;
}

// What the file is, by its first bytes; scripts may attach analyzers in answer.
void File::sniff() {
  sniffed_ = true;
  if (beginningSize_ == 0) return;
  if (!state_.bofBufferSet) {
    state_.bofBuffer.clear();
    for (auto& piece : beginning_) state_.bofBuffer += piece;
    state_.bofBufferSet = true;
    ++state_.version;
  }
  if (ignored() || !manager_.sink().wants(EventId::file_sniff)) return;
  auto bytes = asBytes(state_.bofBuffer);
  auto found =
      manager_.magic().detect(bytes.first(std::min<size_t>(bytes.size(), state_.bofBufferSize)));
  std::vector<std::array<Value, events::mime_match_fields::fieldCount_>> records;
  std::vector<Value> list;
  records.reserve(found.matches.size());
  for (auto& match : found.matches) {
    records.push_back({Value::integerOf(match.strength), Value::textOf(match.mime)});
    list.push_back(Value::listOf(records.back()));
  }
  std::array<Value, events::fa_metadata_fields::fieldCount_> meta;
  if (!found.best.empty()) {
    meta[events::fa_metadata_fields::mime_type] = Value::textOf(found.best);
    meta[events::fa_metadata_fields::mime_types] = Value::listOf(list);
  }
  meta[events::fa_metadata_fields::inferred] = Value::of(true);
  raise(EventId::file_sniff, {Value::listOf(meta)},
        manager_.isRegistered(found.best) ? Answerers::all : Answerers::unregistered);
}

void File::catchUp(Attached& attached, size_t pieces) {
  attached.caughtUp = true;
  for (size_t i = 0; i < pieces && !attached.finished; ++i)
    if (!attached.analyzer->inOrder(asBytes(beginning_[i]))) attached.finished = true;
}

void File::inOrder(flow::Bytes data) {
  bool wasFull = beginningFull_;
  bufferBeginning(data);
  if (!sniffed_ && beginningFull_ && state_.missingBytes == 0) sniff();
  // The piece at hand comes by itself.
  size_t before = beginning_.size() - (!wasFull && !beginning_.empty() ? 1 : 0);
  forEach([&](Attached& a) {
    if (!a.caughtUp) {
      catchUp(a, before);
      if (a.finished) return false;
    }
    return a.analyzer->inOrder(data);
  });
  nextOffset_ += data.size();
  seenBytes_ += data.size();
}

void File::gap(uint64_t offset, uint64_t length) {
  if (reassembler_) manager_.sink().settle();
  // The reassembler knows better what exactly is missing.
  if (reassembler_ && reassemble_ && !reassembler_->flushing() &&
      std::numeric_limits<uint64_t>::max() - offset >= length)
    reassembler_->flushTo(offset + length);
  else
    missed(offset, length);
}

void File::missing(uint64_t offset, uint64_t length) { missed(offset, length); }

void File::missed(uint64_t offset, uint64_t length) {
  if (!beginningFull_) {
    // It will not be filled any more: what there is goes to those who wait for it.
    beginningFull_ = true;
    inOrder({});
  }
  forEach([&](Attached& a) { return a.analyzer->missing(offset, length); });
  raise(EventId::file_gap, {Value::count(offset), Value::count(length)});
  applyChanges();
  nextOffset_ += length;
  missingBytes_ += length;
}

void File::endOfFile() {
  if (done_) return;
  if (reassembler_) reassembler_->flush();
  if (!beginningFull_) {
    beginningFull_ = true;
    inOrder({});
  }
  applyChanges();
  done_ = true;
  forEach([](Attached& a) { return a.analyzer->endOfFile(); });
  raise(EventId::file_state_remove);
  applyChanges();
}

File::Attached* File::find(uint32_t tag, const AnalyzerArgs& args) {
  for (auto& attached : attached_)
    if (attached->tag == tag && attached->args == args) return attached.get();
  return nullptr;
}

bool File::addAnalyzer(uint32_t subscriber, uint32_t tag, const AnalyzerArgs& args) {
  if (done_) return false;
  changes_.push_back({true, subscriber, tag, args});
  return true;
}

bool File::removeAnalyzer(uint32_t subscriber, uint32_t tag, const AnalyzerArgs& args) {
  if (done_) return false;
  changes_.push_back({false, subscriber, tag, args});
  return find(tag, args) != nullptr;
}

bool File::setExtractionLimit(uint32_t subscriber, const AnalyzerArgs& args, uint64_t limit) {
  for (auto& attached : attached_)
    if (attached->owners.count(subscriber) > 0 && attached->args == args &&
        attached->analyzer->setLimit(limit))
      return true;
  return false;
}

// Not while analyzers are being called: a removed one would be pulled from under the loop.
void File::applyChanges() {
  if (iterating_ > 0) return;
  while (!changes_.empty()) {
    Change change = std::move(changes_.front());
    changes_.pop_front();
    Attached* there = find(change.tag, change.args);
    if (change.add) {
      if (!there) {
        auto analyzer = makeFileAnalyzer(*this, change.tag, change.args, change.subscriber);
        if (!analyzer) continue;
        there = attached_.emplace_back(std::make_unique<Attached>()).get();
        there->tag = change.tag;
        there->args = std::move(change.args);
        there->analyzer = std::move(analyzer);
      }
      there->owners.insert(change.subscriber);
    } else if (there) {
      there->owners.erase(change.subscriber);
      if (!there->owners.empty()) continue;
      auto at = std::find_if(attached_.begin(), attached_.end(),
                             [&](auto& one) { return one.get() == there; });
      detached_.push_back(std::move(*at));
      attached_.erase(at);
    }
  }
}

void File::setTimeout(uint32_t subscriber, double seconds) {
  if (seconds > 0) postponed = true;
  // The most patient one decides.
  timeouts_[subscriber] = seconds;
  state_.timeoutInterval = seconds;
  for (auto& [who, interval] : timeouts_)
    state_.timeoutInterval = std::max(state_.timeoutInterval, interval);
  ++state_.version;
}

void File::stop(uint32_t subscriber) { stoppedFor_.insert(subscriber); }

}  // namespace bulkhead::analyzers::files
