#include "host/supervisor/summary.h"

#include "sandbox/limits/limits.h"

#include <algorithm>
#include <fmt/format.h>

namespace bulkhead::supervisor {

namespace {

using Kind = LogValue::Kind;

LogColumn column(std::string name, Kind type, Kind element = Kind::unset) {
  LogColumn out;
  out.name = std::move(name);
  out.type = type;
  out.elementType = element;
  out.optional = true;
  return out;
}

std::string gapText(const Gap& gap) {
  return fmt::format("{}-{} {} ({} events)", gap.firstSeq, gap.lastSeq, gap.reason, gap.events);
}

double cpuSeconds(const Compartment& compartment) {
  return static_cast<double>(compartment.totalUsage().cpuNanoseconds) / 1e9;
}

const char* kindName(PackagesRow::Kind kind) {
  switch (kind) {
    case PackagesRow::Kind::summary:
      return "summary";
    case PackagesRow::Kind::end:
      return "end";
    case PackagesRow::Kind::restart:
      return "restart";
    case PackagesRow::Kind::quarantine:
      return "quarantine";
    case PackagesRow::Kind::gap:
      return "gap";
  }
  return "?";
}

LogValue textOrUnset(const std::string& text) {
  return text.empty() ? LogValue{} : LogValue::ofString(text);
}

}  // namespace

LogDescriptor packagesLog(bool json) {
  LogDescriptor log;
  log.stream = "Bulkhead::PACKAGES";
  log.filter = "default";
  log.path = "packages";
  log.writer = "Log::WRITER_ASCII";
  if (json) log.config.emplace_back("use_json", "T");
  log.columns = {
      column("ts", Kind::time),
      column("package", Kind::string),
      column("what", Kind::string),
      column("verdict", Kind::string),
      column("cause", Kind::string),
      column("cpu", Kind::interval),
      column("peak_memory", Kind::count),
      column("events", Kind::count),
      column("generated", Kind::count),
      column("gaps", Kind::vector, Kind::string),
      column("rows", Kind::count),
      column("joined", Kind::count),
      column("unmatched", Kind::count),
      column("refused", Kind::count),
      column("abandoned", Kind::count),
      column("errors", Kind::count),
      column("instructions", Kind::count),
      column("messages", Kind::count),
  };
  return log;
}

std::vector<LogValue> packagesRow(const PackagesRow& row, double now) {
  using Row = PackagesRow::Kind;
  const Compartment& c = row.compartment;
  std::vector<LogValue> out = {
      LogValue::ofTime(now),
      LogValue::ofString(c.name),
      LogValue::ofString(kindName(row.kind)),
  };
  if (row.kind != Row::summary) {
    // The numbers of an end are those of the process; all others are known at the end of the run.
    const bool isEnd = row.kind == Row::end;
    LogValue::Elements gaps;
    if (row.gap) gaps.push_back(LogValue::ofString(gapText(*row.gap)));
    out.resize(packagesLog(false).columns.size());
    if (isEnd || row.kind == Row::quarantine) out[4] = textOrUnset(c.lastEnd);
    if (isEnd) {
      out[5] = LogValue::ofInterval(static_cast<double>(c.usage.cpuNanoseconds) / 1e9);
      out[6] = LogValue::ofCount(c.usage.peakMemoryBytes);
    }
    if (row.gap) out[9] = LogValue::ofVector(std::move(gaps));
    return out;
  }
  LogValue::Elements gaps;
  for (const Gap& gap : c.counts.gaps) gaps.push_back(LogValue::ofString(gapText(gap)));
  for (LogValue& value : std::vector<LogValue>{
           LogValue::ofString(verdictName(c.verdict())),
           textOrUnset(c.cause()),
           LogValue::ofInterval(cpuSeconds(c)),
           LogValue::ofCount(c.totalUsage().peakMemoryBytes),
           LogValue::ofCount(c.counts.events),
           LogValue::ofCount(c.counts.generated),
           LogValue::ofVector(std::move(gaps)),
           LogValue::ofCount(c.counts.rows),
           LogValue::ofCount(c.counts.joined),
           LogValue::ofCount(c.counts.unmatched),
           LogValue::ofCount(c.counts.refused),
           LogValue::ofCount(c.counts.abandoned),
           LogValue::ofCount(c.counts.errors),
           LogValue::ofCount(c.counts.instructions),
           LogValue::ofCount(c.messages),
       })
    out.push_back(std::move(value));
  return out;
}

std::string summaryTable(const Compartments& compartments) {
  size_t width = 7;
  for (const auto& each : compartments) width = std::max(width, each->name.size());
  std::string out =
      fmt::format("{:<{}}  {:>8}  {:>9}  {:>9}  {:>5}  {:>7}  {:>7}  {}\n", "package", width,
                  "cpu s", "peak mem", "events", "gaps", "rows", "joined", "verdict");
  for (const auto& each : compartments) {
    const Compartment& c = *each;
    out += fmt::format(
        "{:<{}}  {:>8.2f}  {:>9}  {:>9}  {:>5}  {:>7}  {:>7}  {}\n", c.name, width, cpuSeconds(c),
        sandbox::bytesText(c.totalUsage().peakMemoryBytes >> 10 << 10), c.counts.events,
        c.counts.gaps.size(), c.counts.rows, c.counts.joined, verdictName(c.verdict()));
  }
  for (const auto& each : compartments) {
    std::string cause = each->cause();
    if (!cause.empty()) out += fmt::format("{}: {}\n", each->name, cause);
    for (const Gap& gap : each->counts.gaps) {
      out += fmt::format("{}: gap {}\n", each->name, gapText(gap));
    }
    if (each->counts.unmatched > 0) {
      out += fmt::format("{}: {} rows of added columns met no row of the site\n", each->name,
                         each->counts.unmatched);
    }
  }
  return out;
}

}  // namespace bulkhead::supervisor
