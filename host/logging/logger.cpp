#include "host/logging/logger.h"

#include "common/escape.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <utility>

namespace bulkhead::logging {

namespace {

constexpr uint64_t forever = std::numeric_limits<uint64_t>::max();
// How many items a contribution may run ahead of the site's row before it counts as unmatched.
constexpr uint64_t joinWindow = 4096;
// Contributions of one compartment with one cause and identity; more count as unmatched.
constexpr size_t mostAlike = 256;

// Standard logs that take rows of a package's own; they are there to be told by anybody. In any
// other of the site's a package's row would pass for something that the site saw.
constexpr std::string_view openToPackages[] = {"Notice::LOG",   "Notice::ALARM_LOG",
                                               "Intel::LOG",    "Weird::LOG",
                                               "Software::LOG", "Signatures::LOG"};

bool isOpenToPackages(std::string_view stream) {
  return std::find(std::begin(openToPackages), std::end(openToPackages), stream) !=
         std::end(openToPackages);
}

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

std::string nameOf(std::string_view path, const FormatOptions& format) {
  return logFileName(path, format.fileExtension, format.gzipLevel);
}

// What a package prints, without what a terminal would act on. Byte by byte: a text may end in the
// middle of a character.
std::string harmless(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
    const bool shortControl = (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f;
    const bool longControl = c == 0xc2 && next >= 0x80 && next < 0xa0;
    if (!shortControl && !longControl) {
      out += text[i];
      continue;
    }
    appendEscaped(out, c);
    if (longControl) {
      appendEscaped(out, next);
      ++i;
    }
  }
  return out;
}

// Adds the elements of `more` that `set` lacks; an unset column takes all of them.
void unite(LogValue& set, const LogValue& more) {
  if (!set.isSet()) {
    set = more;
    return;
  }
  auto& elements = std::get<LogValue::Elements>(set.data);
  for (const auto& element : std::get<LogValue::Elements>(more.data))
    if (std::find(elements.begin(), elements.end(), element) == elements.end())
      elements.push_back(element);
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
  // Where columns of other compartments' standard logs stand here.
  std::map<const Opened*, std::vector<std::optional<size_t>>> foreign;
  std::unique_ptr<RowFormatter> formatter;
  std::unique_ptr<LogFile> out;
};

struct Logger::Pending {
  Row row;
  std::optional<std::string> printed;
  size_t bytes = 0;
};

struct Logger::Contributions {
  struct Each {
    Row row;
    size_t bytes = 0;
    bool joined = false;
  };
  std::map<unsigned, std::vector<Each>> by;  // by compartment, oldest first
  std::map<std::string, size_t> taken;       // by file key: how many rows of it came for them
};

struct Logger::Compartment {
  std::vector<std::unique_ptr<Opened>> logs;
  std::vector<uint32_t> numbers;  // its number of a log -> which of `logs`
  std::deque<Pending> queue;      // by seq
  size_t queuedBytes = 0;
  size_t heldBytes = 0;       // of its contributions
  uint64_t writtenBytes = 0;  // by it or for it
  uint64_t mark = 0;
  bool gone = false;
  bool returning = false;  // gone, but a new process may write
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
  auto& numbers = compartments_[compartment]->numbers;
  if (id != numbers.size()) return "opened log number " + std::to_string(id) + " out of order";
  // One that is started again opens what it had: that is the same log.
  for (uint32_t i = 0; i < logs.size(); ++i) {
    if (logs[i]->log != log || std::count(numbers.begin(), numbers.end(), i) != 0) continue;
    numbers.push_back(i);
    return {};
  }
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
  // Only the site's claims count, for its own logs too: a package could claim anything.
  if (compartment == siteCompartment) {
    reserved_.try_emplace(log.path, opened->key);
    siteKeys_.insert(opened->key);
  }
  opened->log = std::move(log);
  numbers.push_back(static_cast<uint32_t>(logs.size()));
  logs.push_back(std::move(opened));
  return {};
}

Violation Logger::write(unsigned compartment, Row row) {
  assert(compartment < compartments_.size());
  auto& from = *compartments_[compartment];
  if (row.log >= from.numbers.size())
    return "wrote to log number " + std::to_string(row.log) + ", which it never opened";
  row.log = from.numbers[row.log];
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
  if (limits_.live && row.seq < floor) {
    if (row.kind == LogRowKind::contribution && row.seq <= released_) {
      ++summary_.counts[compartment].unmatched;
      return {};
    }
    row.seq = floor;
  }
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
  if (from.returning) from.gone = from.returning = false;
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
  compartments_[compartment]->returning = false;
  releaseSafe();
}

void Logger::again(unsigned compartment) {
  compartments_[compartment]->numbers.clear();
  compartments_[compartment]->returning = compartments_[compartment]->gone;
}

void Logger::flush() {
  for (auto& [key, file] : files_)
    if (file->out) file->out->flush();
}

void Logger::release(uint64_t upTo) {
  // Contributions first: the site's rows of this round look for them.
  for (unsigned c = 1; c < compartments_.size(); ++c) {
    auto& from = *compartments_[c];
    // In one pass: to take them out of the middle one by one would cost the square of their number.
    auto keep = from.queue.begin(), it = keep;
    for (; it != from.queue.end() && it->row.seq <= upTo; ++it) {
      if (it->printed || it->row.kind == LogRowKind::whole) {
        if (keep != it) *keep = std::move(*it);
        ++keep;
        continue;
      }
      JoinKey key = joinKey(*from.logs[it->row.log], it->row);
      from.queuedBytes -= it->bytes;
      contributionOrder_.emplace_back(it->row.seq, key);
      auto& waiting = contributions_[key];
      if (waiting == nullptr) waiting = std::make_unique<Contributions>();
      if (auto& alike = waiting->by[c];
          alike.size() < mostAlike && from.heldBytes + it->bytes <= limits_.heldBytes) {
        from.heldBytes += it->bytes;
        alike.push_back({std::move(it->row), it->bytes});
      } else {
        ++summary_.counts[c].unmatched;
      }
    }
    from.queue.erase(keep, it);
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
    for (auto& [compartment, waiting] : found->second->by) {
      for (const auto& each : waiting) compartments_[compartment]->heldBytes -= each.bytes;
      summary_.counts[compartment].unmatched += static_cast<uint64_t>(
          std::count_if(waiting.begin(), waiting.end(), [](const auto& c) { return !c.joined; }));
    }
    contributions_.erase(found);
  }
}

Logger::JoinKey Logger::joinKey(const Opened& opened, const Row& row) {
  JoinKey key = opened.log.stream + '\0';
  key.append(reinterpret_cast<const char*>(&row.rootSeq), sizeof row.rootSeq);
  key.append(reinterpret_cast<const char*>(&row.identity), sizeof row.identity);
  return key;
}

unsigned Logger::ownerOf(const Opened& opened) const {
  for (unsigned c = 0; c < compartments_.size(); ++c)
    for (const auto& each : compartments_[c]->logs)
      if (each.get() == &opened) return c;
  return siteCompartment;
}

Logger::Opened* Logger::sourceOf(unsigned compartment, const Opened& wanted) const {
  for (const auto& each : compartments_[compartment]->logs) {
    if (!each->log.standard || each->log.stream != wanted.log.stream) continue;
    if (!wanted.log.standard || each->key == wanted.key) return each.get();
  }
  return nullptr;
}

std::string Logger::freePath(const Opened& opened) const {
  const std::string& wanted = opened.log.path;
  auto usable = [&](const std::string& path) {
    if (path == "packages") return false;  // the supervisor's
    auto reserved = reserved_.find(path);
    if (reserved != reserved_.end() && reserved->second != opened.key) return false;
    // "a" with the extension "b.log" is the file of "a.b".
    return !taken_.contains(path) && !names_.contains(nameOf(path, opened.format));
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
    if (!opened.log.standard && opened.log.standardStream) addForeign(*file, opened);
    std::string path = freePath(*first);
    taken_.insert(path);
    names_.insert(nameOf(path, first->format));
    file->formatter = makeFormatter(first->format);
    file->out = directory_.create(path, first->format.fileExtension, first->format.gzipLevel);
    file->out->append(file->formatter->header(path, file->layout.columns(), 0));
  }
  opened.file = file.get();
  opened.mapping = file->layout.mapping(opened.log.columns);
  return *file;
}

// Columns that other packages added to the stream, as far as the filter lets them through.
void Logger::addForeign(File& file, const Opened& opened) {
  const unsigned owner = ownerOf(opened);
  for (unsigned c = 1; c < compartments_.size(); ++c) {
    const Opened* theirs = c == owner ? nullptr : sourceOf(c, opened);
    if (theirs == nullptr) continue;
    std::vector<LogColumn> view;
    for (LogColumn column : theirs->log.columns) {
      column.name = opened.log.names.apply(column.name);
      if (!column.name.empty()) view.push_back(std::move(column));
    }
    file.layout.merge(view, c);
  }
}

void Logger::fill(File& file, Opened& theirs, unsigned compartment, const Row& contribution,
                  std::vector<LogValue>& row) {
  for (size_t i = 0; i < theirs.log.columns.size(); ++i) {
    const LogValue& value = contribution.values[i];
    auto place = file.foreign[&theirs][i];
    if (!place || !value.isSet()) continue;
    if (file.layout.owner(*place) == compartment) {
      row[*place] = value;
    } else if (value.kind == LogValue::Kind::set &&
               theirs.log.columns[i].origin == LogColumnOrigin::base) {
      unite(row[*place], value);
    }
  }
}

void Logger::join(File& file, const Opened& opened, unsigned compartment, const JoinKey& key,
                  std::vector<LogValue>& row) {
  auto found = contributions_.find(key);
  if (found == contributions_.end()) return;
  const size_t nth = found->second->taken[opened.key]++;
  for (auto& [from, waiting] : found->second->by) {
    Opened* theirs = from == compartment ? nullptr : sourceOf(from, opened);
    if (theirs == nullptr) continue;
    // The n-th of those that came for the same log.
    size_t left = nth;
    for (auto& each : waiting) {
      if (compartments_[from]->logs[each.row.log].get() != theirs) continue;
      if (left-- > 0) continue;
      if (compartments_[from]->writtenBytes > limits_.writtenBytes) break;
      if (!file.foreign.contains(theirs)) {
        auto view = theirs->log.columns;
        if (!opened.log.standard)
          for (auto& column : view) column.name = opened.log.names.apply(column.name);
        file.foreign[theirs] = file.layout.mapping(view);
      }
      fill(file, *theirs, from, each.row, row);
      if (opened.log.standard && !each.joined) {
        each.joined = true;
        compartments_[from]->writtenBytes += each.bytes;
        ++summary_.counts[from].joined;
      }
      break;
    }
  }
}

void Logger::emit(unsigned compartment, Pending& pending) {
  auto& from = *compartments_[compartment];
  auto& counts = summary_.counts[compartment];
  const bool full = compartment != siteCompartment && from.writtenBytes > limits_.writtenBytes;
  if (pending.printed) {
    if (full) {
      ++counts.refused;
      return;
    }
    from.writtenBytes += pending.printed->size();
    print_(compartment == siteCompartment ? *pending.printed : harmless(*pending.printed));
    return;
  }
  auto& opened = *from.logs[pending.row.log];
  if (opened.log.writer == "Log::WRITER_NONE") {
    ++counts.written;
    return;
  }
  if (compartment != siteCompartment && siteKeys_.contains(opened.key) &&
      !isOpenToPackages(opened.log.stream)) {
    ++counts.refused;
    return;
  }
  if (full) {
    ++counts.refused;
    return;
  }
  File& file = fileFor(opened);
  std::vector<LogValue> row(file.layout.columns().size());
  for (size_t i = 0; i < opened.mapping.size(); ++i)
    if (opened.mapping[i]) row[*opened.mapping[i]] = std::move(pending.row.values[i]);
  bool takes = opened.log.standard ? compartment == siteCompartment : opened.log.standardStream;
  if (takes && !contributions_.empty())
    join(file, opened, compartment, joinKey(opened, pending.row), row);
  std::string text;
  file.formatter->append(text, file.layout.columns(), row);
  file.out->append(text);
  from.writtenBytes += text.size();
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
