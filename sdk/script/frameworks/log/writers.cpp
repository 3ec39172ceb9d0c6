// Logs being named, configured and opened; rows that wait for a script's word.

#include "sdk/script/frameworks/log/parts.h"

#include <algorithm>
#include <utility>

namespace bulkhead::frameworks {

namespace {

struct AsciiOption {
  std::string_view global;
  std::string_view key;
  std::string_view standard;  // what the format has without being told
};

constexpr AsciiOption asciiOptions[] = {
    {"LogAscii::use_json", "use_json", "F"},
    {"LogAscii::json_timestamps", "json_timestamps", "JSON::TS_EPOCH"},
    {"LogAscii::json_include_unset_fields", "json_include_unset_fields", "F"},
    {"LogAscii::separator", "separator", "\t"},
    {"LogAscii::set_separator", "set_separator", ","},
    {"LogAscii::empty_field", "empty_field", "(empty)"},
    {"LogAscii::unset_field", "unset_field", "-"},
    {"LogAscii::meta_prefix", "meta_prefix", "#"},
    {"LogAscii::include_meta", "include_meta", "T"},
    {"LogAscii::enable_utf_8", "enable_utf_8", "T"},
    {"LogAscii::gzip_level", "gzip_level", "0"},
};

std::string plainText(TypedSlot value) {
  switch (value.type->tag()) {
    case Tag::boolean:
      return value.slot.boolean() ? "T" : "F";
    case Tag::count:
      return std::to_string(value.slot.count);
    case Tag::integer:
      return std::to_string(value.slot.integer);
    case Tag::enumeration:
      return std::string(enumName(value.type, value.slot.integer));
    case Tag::string:
      return std::string(vm::textOf(value.slot));
    default:
      return {};
  }
}

// The base library's own, which looks at the stream's name alone.
bool isDefaultPath(vm::Vm& vm, const Value& function) {
  auto standard = globalOf(vm, "Log::default_path_func");
  uint32_t index = vm::functionOf(function.slot()).function;
  return standard && vm::functionOf(standard->slot).function == index &&
         vm.program().functions[index].origin == types::originBase;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> LogFramework::configOf(const Filter& filter) {
  std::map<std::string, std::string> config;
  if (filter.writer == "Log::WRITER_ASCII") {
    for (const AsciiOption& option : asciiOptions) {
      auto value = globalOf(vm_, option.global);
      if (!value) continue;
      std::string text = plainText(*value);
      if (text != option.standard) config[std::string(option.key)] = text;
    }
  }
  Value own = fieldValue(vm::recordOf(filter.record.slot()), "config");
  if (!own.empty()) {
    for (vm::TableWalk walk(vm::tableOf(own.slot())); !walk.done(); walk.advance())
      config[std::string(vm::textOf(walk.keys()[0]))] = vm::textOf(walk.value());
  }
  return {config.begin(), config.end()};
}

LogDescriptor LogFramework::describe(Stream& stream, Filter& filter, const std::string& path) {
  LogDescriptor out;
  out.stream = stream.name;
  out.filter = filter.name;
  out.path = path;
  out.writer = filter.writer;
  out.config = configOf(filter);
  out.rotationInterval = filter.rotation;
  out.postprocessor = filter.postprocessor;
  out.standard = filter.standard;
  out.standardStream = stream.standard;
  out.names = filter.names;
  for (const ColumnPath& column : filter.extensionColumns) out.columns.push_back(column.column);
  for (const ColumnPath& column : filter.columns) out.columns.push_back(column.column);
  return out;
}

LogFramework::Writer& LogFramework::writerFor(Stream& stream, Filter& filter,
                                              const std::string& path) {
  auto found = filter.writers.find(path);
  if (found != filter.writers.end()) return found->second;
  // Two that want one file: the later one's gets a number, as the reference says.
  std::string owner = stream.name + "\n" + filter.name;
  std::string actual = path;
  for (int number = 2; number < 1000; ++number) {
    auto [taken, fresh] = pathOwners_.try_emplace(filter.writer + "\n" + actual, owner);
    if (fresh || taken->second == owner) break;
    actual = path + "-" + std::to_string(number);
  }
  if (actual != path)
    vm_.report(vm::Severity::warning, "Write using filter '" + filter.name + "' on path '" + path +
                                          "' changed to use new path '" + actual +
                                          "' to avoid conflict with another filter");
  Writer& writer = filter.writers[path];
  writer.id = nextWriter_++;
  sink_->openLog(writer.id, describe(stream, filter, actual));
  return writer;
}

void LogFramework::announce() {
  if (sink_ == nullptr) return;
  for (const auto& [id, stream] : streams_) {
    if (!stream->enabled) continue;
    for (const auto& filter : stream->filters) {
      bool computed = !filter->pathFunction.empty();
      if (!filter->local || (computed && !isDefaultPath(vm_, filter->pathFunction))) continue;
      if (!isSite_ && filter->standard && !filter->contributes) continue;
      if (computed && filter->path.empty()) {
        // A blank row will do.
        auto blank = Value::adopt(
            stream->recordType,
            Slot::ofObject(vm_.heap().blankRecord(vm_.heap().layout(stream->columns))));
        auto path = askPath(*stream, *filter, blank);
        if (!path) continue;
        filter->path = *path;
      }
      writerFor(*stream, *filter, filter->path);
    }
  }
}

bool LogFramework::setBuffered(int64_t id, bool buffered) {
  Stream* stream = streamOf(id);
  if (stream == nullptr) return false;
  for (const auto& filter : stream->filters)
    for (const auto& [path, writer] : filter->writers) sink_->setBuffered(writer.id, buffered);
  return true;
}

bool LogFramework::flush(int64_t id) {
  Stream* stream = streamOf(id);
  if (stream == nullptr) return false;
  for (const auto& filter : stream->filters)
    for (const auto& [path, writer] : filter->writers) sink_->flush(writer.id);
  return true;
}

// ---- Delays

uint64_t LogFramework::delay(int64_t id, TypedSlot record, const Value& callback) {
  if (deciding_ == nullptr || deciding_->stream != id ||
      deciding_->record.slot().bits != record.slot.bits) {
    vm_.report(vm::Severity::error,
               "Log::delay() may only be called within Log::log_stream_policy, for its row");
    return 0;
  }
  if (deciding_->token == 0) deciding_->token = nextToken_++;
  ++deciding_->references;
  if (!callback.empty()) deciding_->callbacks.push_back(callback);
  return deciding_->token;
}

bool LogFramework::finishDelay(int64_t id, TypedSlot record, uint64_t token) {
  auto found = std::find_if(delayed_.begin(), delayed_.end(),
                            [&](const Delayed& d) { return d.token == token; });
  Delayed* row = found == delayed_.end() ? nullptr : &*found;
  bool undecided = deciding_ != nullptr && deciding_->token == token && token != 0;
  if (undecided) row = deciding_;
  if (row == nullptr || row->stream != id || row->record.slot().bits != record.slot.bits) {
    vm_.report(vm::Severity::error, "Log::delay_finish() for a row that is not delayed");
    return false;
  }
  if (row->references == 0) {
    vm_.report(vm::Severity::error, "Log::delay_finish() more often than Log::delay()");
    return false;
  }
  if (--row->references == 0 && !undecided) endDelay(token);
  return true;
}

// A delay without a timer would last for ever: then there is none.
bool LogFramework::wakeFor(const Stream& stream, const Delayed& row) {
  return vm_.wakeAt(vm_.networkTime() + stream.maxDelay, *this, row.token);
}

void LogFramework::enqueue(Stream& stream, Delayed decision) {
  const int64_t id = stream.id;
  const uint64_t token = decision.token;
  const bool finished = decision.references == 0;
  ++stream.delayed;
  delayed_.push_back(std::move(decision));
  evict(id);
  if (finished) endDelay(token);
}

// What ends here may be delayed again: then the queue stays longer than it should be, but ends.
void LogFramework::evict(int64_t id) {
  if (std::exchange(evicting_, true)) return;
  Stream* stream = streamOf(id);
  int64_t attempts = stream == nullptr ? 0 : stream->delayed;
  for (; attempts > 0; --attempts) {
    stream = streamOf(id);
    if (stream == nullptr || static_cast<uint64_t>(stream->delayed) <= stream->maxDelayQueue) break;
    auto oldest = std::find_if(delayed_.begin(), delayed_.end(),
                               [&](const Delayed& d) { return d.stream == id; });
    if (oldest == delayed_.end()) break;
    endDelay(oldest->token);
  }
  evicting_ = false;
}

void LogFramework::endDelay(uint64_t token) {
  auto found = std::find_if(delayed_.begin(), delayed_.end(),
                            [&](const Delayed& d) { return d.token == token; });
  if (found == delayed_.end()) return;
  Delayed over = std::move(*found);
  delayed_.erase(found);
  // The call-backs see the row as log_stream_policy does: they may delay it once more.
  Delayed again{.stream = over.stream, .record = over.record, .cause = over.cause};
  Delayed* outer = std::exchange(deciding_, &again);
  bool wanted = true;
  for (const Value& callback : over.callbacks) {
    Value row = argumentFor(callback, 0, over.record);
    if (row.empty()) continue;
    Slot arguments[] = {row.slot(), Slot::ofInt(over.stream)};
    auto answer = vm_.call(vm::functionOf(callback.slot()), arguments);
    if (!answer.abandoned && !answer.value.empty() && !answer.value.slot().boolean())
      wanted = false;
  }
  deciding_ = outer;
  Stream* stream = streamOf(over.stream);
  if (stream == nullptr) return;
  --stream->delayed;
  // Without references the new delay is over already; calling back once more could go on for ever.
  if (again.references > 0 && wakeFor(*stream, again))
    enqueue(*stream, std::move(again));
  else if (wanted)
    toFilters(*stream, over.record, over.cause, true);
}

void LogFramework::timerDue(uint64_t token, bool) { endDelay(token); }

void LogFramework::expireDelays(double, bool everything) {
  if (!everything) return;
  // Those that are delayed again meanwhile are not waited for.
  std::vector<uint64_t> tokens;
  for (const Delayed& row : delayed_) tokens.push_back(row.token);
  for (uint64_t token : tokens) endDelay(token);
}

bool LogFramework::setMaxDelay(int64_t id, double interval) {
  Stream* stream = streamOf(id);
  if (stream == nullptr || interval < stream->maxDelay) return false;
  stream->maxDelay = interval;
  return true;
}

bool LogFramework::setMaxDelayQueue(int64_t id, uint64_t size) {
  Stream* stream = streamOf(id);
  if (stream == nullptr) return false;
  stream->maxDelayQueue = size;
  evict(id);
  return true;
}

int64_t LogFramework::delayQueueSize(int64_t id) const {
  auto found = streams_.find(id);
  return found == streams_.end() ? -1 : found->second->delayed;
}

}  // namespace bulkhead::frameworks
