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
  return static_cast<double>(compartment.usage.cpuNanoseconds) / 1e9;
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

std::vector<LogValue> packagesRow(const Compartment& c, double now) {
  LogValue::Elements gaps;
  for (const Gap& gap : c.counts.gaps) gaps.push_back(LogValue::ofString(gapText(gap)));
  std::string cause = c.cause();
  return {
      LogValue::ofTime(now),
      LogValue::ofString(c.name),
      LogValue::ofString(verdictName(c.verdict())),
      cause.empty() ? LogValue{} : LogValue::ofString(cause),
      LogValue::ofInterval(cpuSeconds(c)),
      LogValue::ofCount(c.usage.peakMemoryBytes),
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
  };
}

std::string summaryTable(const Compartments& compartments) {
  size_t width = 7;
  for (const auto& each : compartments) width = std::max(width, each->name.size());
  std::string out =
      fmt::format("{:<{}}  {:>8}  {:>9}  {:>9}  {:>5}  {:>7}  {:>7}  {}\n", "package", width,
                  "cpu s", "peak mem", "events", "gaps", "rows", "joined", "verdict");
  for (const auto& each : compartments) {
    const Compartment& c = *each;
    out += fmt::format("{:<{}}  {:>8.2f}  {:>9}  {:>9}  {:>5}  {:>7}  {:>7}  {}\n", c.name, width,
                       cpuSeconds(c), sandbox::bytesText(c.usage.peakMemoryBytes >> 10 << 10),
                       c.counts.events, c.counts.gaps.size(), c.counts.rows, c.counts.joined,
                       verdictName(c.verdict()));
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
