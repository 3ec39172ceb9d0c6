#include "host/worker-program/analysis-options.h"

#include "host/analyzers/options-by-name.h"
#include "host/worker/batch-sink.h"
#include "host/worker/limits.h"

#include <cmath>
#include <limits>

namespace bulkhead::worker {

namespace {

using events::Value;
using flow::EngineOptions;
using Kind = Value::Kind;

constexpr double longest = 1e9;  // seconds, some thirty years
constexpr uint64_t largestBuffer = 1 << 20;

bool take(const Value& value, bool& option) {
  if (value.kind != Kind::boolean) return false;
  option = value.boolean;
  return true;
}

bool take(const Value& value, double& option) {
  if (value.kind != Kind::interval || !std::isfinite(value.real) || value.real < 0 ||
      value.real > longest)
    return false;
  option = value.real;
  return true;
}

bool take(const Value& value, uint64_t& option) {
  if (value.kind != Kind::count) return false;
  option = value.number;
  return true;
}

bool take(const Value& value, int& option) {
  if (value.kind != Kind::count || value.number > std::numeric_limits<int>::max()) return false;
  option = static_cast<int>(value.number);
  return true;
}

bool take(const Value& value, std::set<Port>& option) {
  if (value.kind != Kind::list) return false;
  std::set<Port> ports;
  for (const auto& item : value.list()) {
    if (item.kind != Kind::port) return false;
    ports.insert(item.portValue);
  }
  option = std::move(ports);
  return true;
}

struct Row {
  std::string_view name;
  bool (*set)(const Value& value, EngineOptions& options);
};

template <auto Member>
bool set(const Value& value, EngineOptions& options) {
  return take(value, options.*Member);
}

bool setBufferSize(const Value& value, EngineOptions& options) {
  if (value.kind != Kind::count || value.number > largestBuffer) return false;
  options.dpdBufferSize = value.number;
  return true;
}

// -C stands, whatever the scripts say.
bool setIgnoreChecksums(const Value& value, EngineOptions& options) {
  bool ignore = false;
  if (!take(value, ignore)) return false;
  options.ignoreChecksums = options.ignoreChecksums || ignore;
  return true;
}

using E = EngineOptions;
constexpr Row rows[] = {
    {"ignore_checksums", setIgnoreChecksums},
    {"likely_server_ports", set<&E::likelyServerPorts>},
    {"tcp_SYN_timeout", set<&E::tcpSynTimeout>},
    {"tcp_session_timer", set<&E::tcpSessionTimer>},
    {"tcp_connection_linger", set<&E::tcpConnectionLinger>},
    {"tcp_attempt_delay", set<&E::tcpAttemptDelay>},
    {"tcp_close_delay", set<&E::tcpCloseDelay>},
    {"tcp_reset_delay", set<&E::tcpResetDelay>},
    {"tcp_partial_close_delay", set<&E::tcpPartialCloseDelay>},
    {"tcp_inactivity_timeout", set<&E::tcpInactivityTimeout>},
    {"udp_inactivity_timeout", set<&E::udpInactivityTimeout>},
    {"icmp_inactivity_timeout", set<&E::icmpInactivityTimeout>},
    {"unknown_ip_inactivity_timeout", set<&E::unknownIpInactivityTimeout>},
    {"connection_status_update_interval", set<&E::statusUpdateInterval>},
    {"frag_timeout", set<&E::fragmentTimeout>},
    {"max_timer_expires", set<&E::maxTimerExpires>},
    {"partial_connection_ok", set<&E::partialConnectionOk>},
    {"tcp_SYN_ack_ok", set<&E::tcpSynAckOk>},
    {"report_gaps_for_partial", set<&E::reportGapsForPartial>},
    {"detect_filtered_trace", set<&E::detectFilteredTrace>},
    {"tcp_max_initial_window", set<&E::tcpMaxInitialWindow>},
    {"tcp_max_above_hole_without_any_acks", set<&E::tcpMaxAboveHoleWithoutAnyAcks>},
    {"tcp_excessive_data_without_further_acks", set<&E::tcpExcessiveDataWithoutFurtherAcks>},
    {"tcp_storm_thresh", set<&E::tcpStormThreshold>},
    {"tcp_storm_interarrival_thresh", set<&E::tcpStormInterarrival>},
    {"dpd_buffer_size", setBufferSize},
    {"dpd_ignore_ports", set<&E::dpdIgnorePorts>},
    {"Tunnel::max_depth", set<&E::maxTunnelDepth>},
    {"Tunnel::max_changes_per_connection", set<&E::tunnelMaxChanges>},
    {"Tunnel::delay_teredo_confirmation", set<&E::delayTeredoConfirmation>},
    {"Tunnel::delay_gtp_confirmation", set<&E::delayGtpConfirmation>},
    {"Tunnel::ip_tunnel_timeout", set<&E::ipTunnelTimeout>},
};
constexpr std::string_view saltName = "digest_salt";

const Row* rowNamed(std::string_view name) {
  for (const auto& row : rows)
    if (row.name == name) return &row;
  return nullptr;
}

}  // namespace

std::vector<std::string_view> wantedOptions() {
  std::vector<std::string_view> names;
  for (const auto& row : rows) names.push_back(row.name);
  names.push_back(saltName);
  for (auto name : analyzers::optionNames()) names.push_back(name);
  return names;
}

std::vector<std::string> AnalysisOptions::take(capnp::List<schemas::OptionValue>::Reader options) {
  std::vector<std::string> refused;
  events::Arena arena;
  // Each is asked for once; more are the compartment's invention.
  const size_t most = wantedOptions().size();
  for (unsigned i = 0; i < options.size() && i < most; ++i) {
    auto text = options[i].getName();
    const std::string_view name(text.begin(), std::min(text.size(), maxTargetBytes));
    Value value;
    size_t left = maxValues;
    arena.reset();
    if (!readValue(options[i].getValue(), arena, 0, left, value)) {
      refused.push_back("overlong value for option " + std::string(name));
    } else if (const Row* row = rowNamed(name)) {
      if (!row->set(value, engine)) refused.push_back("bad value for option " + std::string(name));
    } else if (name == saltName) {
      if (value.kind == Kind::text)
        digestSalt = value.view();
      else
        refused.push_back("bad value for option " + std::string(name));
    } else if (auto why = analyzers::setOption(name, value); !why.empty()) {
      refused.push_back(std::move(why));
    }
  }
  return refused;
}

}  // namespace bulkhead::worker
