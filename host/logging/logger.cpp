#include "host/logging/logger.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <utility>

namespace bulkhead::logging {

namespace {

constexpr uint64_t forever = std::numeric_limits<uint64_t>::max();
// How many items a contribution may run ahead of the site's row before it counts as unmatched.
constexpr uint64_t joinWindow = 4096;

size_t bytesOf(const LogValue& value) {
  if (value.isContainer()) {
    size_t sum = 0;
    for (const auto& element : value.elements()) sum += bytesOf(element) + 1;
    return sum;
  }
  if (const auto* text = std::get_if<std::string>(&value.data)) return text->size();
  return 16;
}

size_t bytesOf(const std::vector<LogValue>& row) {
  size_t sum = 0;
  for (const auto& value : row) sum += bytesOf(value) + 1;
  return sum;
}

// Adds the elements of `more` that `set` lacks; an unset column takes all of them.
void unite(LogValue& set, LogValue& more) {
  if (!set.isSet()) {
    set = std::move(more);
    return;
  }
  auto& elements = std::get<LogValue::Elements>(set.data);
  for (auto& element : std::get<LogValue::Elements>(more.data))
    if (std::find(elements.begin(), elements.end(), element) == elements.end())
      elements.push_back(std::move(element));
}

}  // namespace

struct Logger::Opened {
  LogDescriptor log;
  std::string key;  // of its file
  FormatOptions format;
  std::string problem;                         // why no row of it can be written
  File* file = nullptr;                        // once a row was written
  std::vector<std::optional<size_t>> mapping;  // its columns in the file's layout
};

struct Logger::File {
  ColumnLayout layout{{}};
  std::unique_ptr<RowFormatter> formatter;
  std::unique_ptr<LogFile> out;
};

struct Logger::Pending {
  Row row;
  std::optional<std::string> printed;
  size_t bytes = 0;
};

struct Logger::Compartment {
  std::vector<std::unique_ptr<Opened>> logs;
  std::deque<Pending> queue;  // by seq
  size_t queuedBytes = 0;
  uint64_t mark = 0;
  bool gone = false;
};

Logger::Logger(LogDirectory& directory, unsigned compartments, LoggerLimits limits,
               std::function<void(std::string_view)> print)
    : directory_(directory), limits_(limits), print_(std::move(print)) {
  for (unsigned i = 0; i < compartments; ++i)
    compartments_.push_back(std::make_unique<Compartment>());
  summary_.counts.resize(compartments);
}

Logger::~Logger() = default;

Violation Logger::openLog(unsigned compartment, uint32_t id, LogDescriptor log) {
  assert(compartment < compartments_.size());
  auto& logs = compartments_[compartment]->logs;
  if (id != logs.size()) return "opened log number " + std::to_string(id) + " out of order";
  if (logs.size() >= limits_.openLogs)
    return "opened more than " + std::to_string(limits_.openLogs) + " logs";
  if (log.columns.size() > limits_.columns)
    return "opened a log with more than " + std::to_string(limits_.columns) + " columns";
  auto opened = std::make_unique<Opened>();
  opened->problem = checkLogPath(log.path);
  if (opened->problem.empty() && log.writer != "Log::WRITER_ASCII" &&
      log.writer != "Log::WRITER_NONE")
    opened->problem = "no writer " + log.writer;
  std::string configProblem;
  opened->format = FormatOptions::fromConfig(log.config, configProblem);
  if (opened->problem.empty()) opened->problem = configProblem;
  // A standard log is one file for all; any other belongs to the compartment that opened it.
  std::string owner = log.standard ? std::string("*") : std::to_string(compartment);
  opened->key = owner + '\0' + log.stream + '\0' + log.filter + '\0' + log.path;
  if (log.standard) reserved_.try_emplace(log.path, opened->key);
  opened->log = std::move(log);
  logs.push_back(std::move(opened));
  return {};
}

Violation Logger::write(unsigned compartment, Row row) {
  assert(compartment < compartments_.size());
  auto& from = *compartments_[compartment];
  if (row.log >= from.logs.size())
    return "wrote to log number " + std::to_string(row.log) + ", which it never opened";
  const auto& opened = *from.logs[row.log];
  if (!conforms(row.values, opened.log.columns))
    return "wrote a row of " + opened.log.stream + " that does not fit its columns";
  size_t bytes = bytesOf(row.values);
  if (bytes > limits_.rowBytes || !opened.problem.empty()) {
    ++summary_.counts[compartment].refused;
    return {};
  }
  // A compartment answers for the item at hand: an earlier seq would undo the merge order.
  uint64_t floor = std::max(released_, from.queue.empty() ? 0 : from.queue.back().row.seq);
  if (row.seq < floor) return "wrote a row for an item that it had already finished";
  if (compartment != siteCompartment && from.queuedBytes + bytes > limits_.pendingBytes)
    return "wrote more than " + std::to_string(limits_.pendingBytes >> 20) + " MiB of rows at once";
  from.queuedBytes += bytes;
  from.queue.push_back({std::move(row), std::nullopt, bytes});
  return {};
}

Violation Logger::print(unsigned compartment, uint64_t seq, std::string text) {
  auto& from = *compartments_[compartment];
  size_t bytes = text.size();
  if (compartment != siteCompartment && from.queuedBytes + bytes > limits_.pendingBytes)
    return "printed more than " + std::to_string(limits_.pendingBytes >> 20) + " MiB at once";
  Pending pending;
  pending.row.seq = std::max({seq, released_, from.queue.empty() ? 0 : from.queue.back().row.seq});
  pending.printed = std::move(text);
  pending.bytes = bytes;
  from.queuedBytes += bytes;
  from.queue.push_back(std::move(pending));
  return {};
}

void Logger::mark(unsigned compartment, uint64_t seq) {
  auto& from = *compartments_[compartment];
  from.mark = std::max(from.mark, seq);
  releaseSafe();
}

void Logger::releaseSafe() {
  uint64_t safe = forever;
  for (const auto& each : compartments_)
    if (!each->gone) safe = std::min(safe, each->mark);
  if (safe != forever && safe > released_) release(safe);
}

void Logger::gone(unsigned compartment) {
  compartments_[compartment]->gone = true;
  releaseSafe();
}

void Logger::release(uint64_t upTo) {
  // Contributions first: the site's rows of this round look for them.
  for (unsigned c = 1; c < compartments_.size(); ++c) {
    auto& from = *compartments_[c];
    for (auto it = from.queue.begin(); it != from.queue.end() && it->row.seq <= upTo;) {
      if (it->printed || it->row.kind == LogRowKind::whole) {
        ++it;
        continue;
      }
      JoinKey key = joinKey(*from.logs[it->row.log], *it);
      from.queuedBytes -= it->bytes;
      contributionOrder_.emplace_back(it->row.seq, key);
      contributions_[key][c].push_back(std::move(*it));
      it = from.queue.erase(it);
    }
  }
  for (;;) {
    unsigned next = 0;
    const Pending* least = nullptr;
    for (unsigned c = 0; c < compartments_.size(); ++c) {
      const auto& queue = compartments_[c]->queue;
      if (queue.empty() || queue.front().row.seq > upTo) continue;
      if (least == nullptr || queue.front().row.seq < least->row.seq) {
        least = &queue.front();
        next = c;
      }
    }
    if (least == nullptr) break;
    auto& queue = compartments_[next]->queue;
    Pending pending = std::move(queue.front());
    queue.pop_front();
    compartments_[next]->queuedBytes -= pending.bytes;
    emit(next, pending);
  }
  released_ = upTo;
  // What the site's row did not come for within the window never meets it.
  while (!contributionOrder_.empty() &&
         (upTo == forever || contributionOrder_.front().first + joinWindow < upTo)) {
    auto found = contributions_.find(contributionOrder_.front().second);
    contributionOrder_.pop_front();
    if (found == contributions_.end()) continue;
    for (auto& [compartment, waiting] : found->second)
      summary_.counts[compartment].unmatched += waiting.size();
    contributions_.erase(found);
  }
}

Logger::JoinKey Logger::joinKey(const Opened& opened, const Pending& pending) {
  static const auto identity = makeFormatter({});
  JoinKey key = opened.key + '\0' + std::to_string(pending.row.rootSeq) + '\0';
  std::vector<LogValue> identifying;
  for (size_t i = 0; i < opened.log.columns.size(); ++i)
    if (opened.log.columns[i].identifying) identifying.push_back(pending.row.values[i]);
  identity->append(key, opened.log.columns, identifying);
  return key;
}

std::string Logger::freePath(const std::string& wanted, const std::string& key) const {
  auto usable = [&](const std::string& path) {
    if (path == "packages") return false;  // the supervisor's
    auto reserved = reserved_.find(path);
    if (reserved != reserved_.end() && reserved->second != key) return false;
    return !taken_.contains(path);
  };
  if (usable(wanted)) return wanted;
  for (int suffix = 2;; ++suffix) {
    std::string path = wanted + "-" + std::to_string(suffix);
    if (usable(path)) return path;
  }
}

Logger::File& Logger::fileFor(Opened& opened) {
  if (opened.file != nullptr) return *opened.file;
  auto& file = files_[opened.key];
  if (file == nullptr) {
    file = std::make_unique<File>();
    // The site's view first, if it has one, then the packages' in order.
    const Opened* first = &opened;
    for (const auto& each : compartments_[siteCompartment]->logs)
      if (each->key == opened.key) {
        first = each.get();
        break;
      }
    file->layout = ColumnLayout(first->log.columns);
    for (unsigned c = 1; c < compartments_.size(); ++c)
      for (const auto& each : compartments_[c]->logs)
        if (each->key == opened.key && each.get() != first) {
          std::vector<std::string> conflicts;
          file->layout.merge(each->log.columns, c, &conflicts);
          for (const auto& name : conflicts)
            summary_.errors.push_back(opened.log.path + ".log: two packages declare the column " +
                                      name + " with different types; the later one's is left out");
        }
    std::string path = freePath(opened.log.path, opened.key);
    taken_[path] = opened.key;
    file->formatter = makeFormatter(first->format);
    file->out = directory_.create(path, first->format.fileExtension, first->format.gzipLevel);
    file->out->append(file->formatter->header(path, file->layout.columns(), 0));
  }
  opened.file = file.get();
  opened.mapping = file->layout.mapping(opened.log.columns);
  return *file;
}

void Logger::join(File& file, const JoinKey& key, std::vector<LogValue>& row) {
  auto found = contributions_.find(key);
  if (found == contributions_.end()) return;
  for (auto& [compartment, waiting] : found->second) {
    if (waiting.empty()) continue;
    Pending contribution = std::move(waiting.front());
    waiting.pop_front();
    ++summary_.counts[compartment].joined;
    Opened& theirs = *compartments_[compartment]->logs[contribution.row.log];
    fileFor(theirs);
    for (size_t i = 0; i < theirs.mapping.size(); ++i) {
      LogValue& value = contribution.row.values[i];
      if (!theirs.mapping[i] || !value.isSet()) continue;
      size_t at = *theirs.mapping[i];
      if (file.layout.owner(at) == compartment) {
        row[at] = std::move(value);
      } else if (value.kind == LogValue::Kind::set &&
                 theirs.log.columns[i].origin == LogColumnOrigin::base) {
        unite(row[at], value);
      }
    }
  }
  bool empty = std::all_of(found->second.begin(), found->second.end(),
                           [](const auto& each) { return each.second.empty(); });
  if (empty) contributions_.erase(found);
}

void Logger::emit(unsigned compartment, Pending& pending) {
  if (pending.printed) {
    print_(*pending.printed);
    return;
  }
  auto& opened = *compartments_[compartment]->logs[pending.row.log];
  auto& counts = summary_.counts[compartment];
  if (opened.log.writer == "Log::WRITER_NONE") {
    ++counts.written;
    return;
  }
  File& file = fileFor(opened);
  if (compartment != siteCompartment && file.out->bytes() > limits_.writtenBytes) {
    ++counts.refused;
    return;
  }
  // The key is of the row as the site wrote it: taken before the values move out.
  std::optional<JoinKey> key;
  if (compartment == siteCompartment && !contributions_.empty()) key = joinKey(opened, pending);
  std::vector<LogValue> row(file.layout.columns().size());
  for (size_t i = 0; i < opened.mapping.size(); ++i)
    if (opened.mapping[i]) row[*opened.mapping[i]] = std::move(pending.row.values[i]);
  if (key) join(file, *key, row);
  std::string text;
  file.formatter->append(text, file.layout.columns(), row);
  file.out->append(text);
  ++counts.written;
}

Summary Logger::finish() {
  release(forever);
  for (auto& [key, file] : files_) {
    file->out->append(file->formatter->footer(0));
    file->out->close();
    if (!file->out->error().empty()) summary_.errors.push_back(file->out->error());
  }
  return summary_;
}

}  // namespace bulkhead::logging
