#include "host/worker-program/steering.h"

#include "host/analyzers/registry.h"
#include "host/events/catalog.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace bulkhead::worker {

namespace {

using events::Answer;
using events::Value;
using Kind = Value::Kind;

constexpr size_t maxPortsOfAnalyzer = 65536;
// Connections that some but not all want skipped; past it the oldest wishes are forgotten.
constexpr size_t maxSkipped = 65536;

std::string wrong(const Answer& answer) {
  return "wrong arguments for " + std::string(answer.function);
}

// "Analyzer::ANALYZER_HTTP" to its number in the catalog.
std::optional<uint32_t> tagAt(const Answer& answer, size_t index) {
  if (index >= answer.args.size() || answer.args[index].kind != Kind::text) return std::nullopt;
  for (const auto& known : events::enumerators("Analyzer::Tag"))
    if (known.name == answer.args[index].view()) return known.value;
  return std::nullopt;
}

// A conn_id record: the first four fields are its own, more may be appended.
std::optional<events::ConnectionId> connectionAt(const Answer& answer, size_t index) {
  constexpr uint8_t icmp = 1, tcp = 6, udp = 17, icmpv6 = 58, unknown = 255;
  if (index >= answer.args.size() || answer.args[index].kind != Kind::list) return std::nullopt;
  auto fields = answer.args[index].list();
  if (fields.size() < 4 || fields[0].kind != Kind::addr || fields[1].kind != Kind::port ||
      fields[2].kind != Kind::addr || fields[3].kind != Kind::port)
    return std::nullopt;
  events::ConnectionId id;
  id.origHost = *fields[0].address;
  id.origPort = fields[1].portValue;
  id.respHost = *fields[2].address;
  id.respPort = fields[3].portValue;
  switch (id.respPort.transport) {
    case Transport::tcp:
      id.protocol = tcp;
      break;
    case Transport::udp:
      id.protocol = udp;
      break;
    case Transport::icmp:
      id.protocol = id.origHost.isV4() ? icmp : icmpv6;
      break;
    default:
      id.protocol = fields.size() > 4 && fields[4].kind == Kind::count && fields[4].number < unknown
                        ? static_cast<uint8_t>(fields[4].number)
                        : unknown;
  }
  return id;
}

// What the analysis does by itself, or leaves out for everybody: nothing to tell anyone.
constexpr std::string_view silent[] = {
    "PacketAnalyzer::__enable_analyzer",
};

bool isAboutFiles(std::string_view function) {
  return function == "set_file_handle" || function.starts_with("Files::") ||
         function.starts_with("FileExtract::");
}

}  // namespace

Steering::Steering() {
  auto rows = analyzers::registry();
  all_.assign(rows.begin(), rows.end());
  // What no script registers is not analysed: the scripts of a protocol are what it is for.
  for (auto& row : all_) row.ports.clear();
}

std::string Steering::apply(const Answer& answer) {
  if (isAboutFiles(answer.function)) return files_ ? files_->apply(answer) : std::string();
  if (answer.function == "Analyzer::__register_for_port") return registerForPort(answer);
  if (answer.function == "Analyzer::__enable_analyzer") return enable(answer, true);
  if (answer.function == "Analyzer::__disable_analyzer" ||
      answer.function == "Analyzer::__disable_all_analyzers")
    return enable(answer, false);
  if (answer.function == "skip_further_processing") return skip(answer);
  if (answer.function == "disable_analyzer") return takeOff(answer);
  if (answer.function == "set_inactivity_timeout") return setTimeout(answer);
  if (std::find(std::begin(silent), std::end(silent), answer.function) != std::end(silent))
    return {};
  return std::string(answer.function) + " is not supported";
}

std::string Steering::registerForPort(const Answer& answer) {
  auto tag = tagAt(answer, 0);
  if (!tag || answer.args.size() < 2 || answer.args[1].kind != Kind::port) return wrong(answer);
  if (engine_) return "Analyzer::register_for_port is of no effect once packets are read";
  const Port port = answer.args[1].portValue;
  for (auto& row : all_) {
    if (row.tag != *tag || row.transport != port.transport) continue;
    if (std::find(row.ports.begin(), row.ports.end(), port.number) == row.ports.end() &&
        row.ports.size() < maxPortsOfAnalyzer)
      row.ports.push_back(port.number);
  }
  choose();
  return {};
}

void Steering::choose() {
  rows_.clear();
  for (const auto& row : all_)
    if (!row.ports.empty() && !disabled_.contains(row.tag)) rows_.push_back(row);
}

std::string Steering::enable(const Answer& answer, bool on) {
  const bool everyOne = answer.function == "Analyzer::__disable_all_analyzers";
  auto tag = tagAt(answer, 0);
  if (!everyOne && !tag) return wrong(answer);
  // A package may not want it; the others do.
  if (answer.subscriber != 0) return {};
  if (engine_) return std::string(answer.function) + " is of no effect once packets are read";
  for (const auto& row : all_) {
    if (!everyOne && row.tag != *tag) continue;
    if (on)
      disabled_.erase(row.tag);
    else
      disabled_.insert(row.tag);
  }
  choose();
  return {};
}

std::string Steering::skip(const Answer& answer) {
  auto id = connectionAt(answer, 0);
  if (!id) return wrong(answer);
  auto* connection = engine_ ? engine_->find(*id) : nullptr;
  if (!connection) return {};
  const uint64_t number = connection->state().number;
  auto& who = skipped_[number];
  who.insert(answer.subscriber);
  if (who.size() >= subscribers_) {
    connection->skipFurtherProcessing();
    skipped_.erase(number);
  } else if (skipped_.size() > maxSkipped) {
    skipped_.erase(skipped_.begin());
  }
  return {};
}

std::string Steering::takeOff(const Answer& answer) {
  auto id = connectionAt(answer, 0);
  if (!id || answer.args.size() < 4 || answer.args[1].kind != Kind::count ||
      answer.args[1].number > UINT32_MAX || answer.args[3].kind != Kind::boolean)
    return wrong(answer);
  if (auto* connection = engine_ ? engine_->find(*id) : nullptr)
    connection->takeOff(static_cast<uint32_t>(answer.args[1].number), answer.subscriber,
                        subscribers_, answer.args[3].boolean);
  return {};
}

std::string Steering::setTimeout(const Answer& answer) {
  auto id = connectionAt(answer, 0);
  if (!id || answer.args.size() < 2 || answer.args[1].kind != Kind::interval ||
      !std::isfinite(answer.args[1].real) || answer.args[1].real < 0)
    return wrong(answer);
  if (answer.subscriber != 0)
    return "set_inactivity_timeout changes what others see: only the site may";
  auto* connection = engine_ ? engine_->find(*id) : nullptr;
  if (connection) connection->expireAfterInactivity(answer.args[1].real);
  return {};
}

}  // namespace bulkhead::worker
