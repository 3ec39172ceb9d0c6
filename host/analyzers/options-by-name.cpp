#include "host/analyzers/options-by-name.h"

#include "host/analyzers/options.h"

#include <limits>
#include <vector>

namespace bulkhead::analyzers {
namespace {

using events::Value;
using Kind = Value::Kind;

bool take(const Value& value, bool& option) {
  if (value.kind != Kind::boolean) return false;
  option = value.boolean;
  return true;
}

bool take(const Value& value, uint64_t& option) {
  if (value.kind != Kind::count) return false;
  option = value.number;
  return true;
}

bool take(const Value& value, uint32_t& option) {
  if (value.kind != Kind::count || value.number > std::numeric_limits<uint32_t>::max())
    return false;
  option = static_cast<uint32_t>(value.number);
  return true;
}

bool take(const Value& value, int64_t& option) {
  if (value.kind != Kind::integer) return false;
  option = value.integer;
  return true;
}

bool take(const Value& value, double& option) {
  if (value.kind != Kind::interval) return false;
  option = value.real;
  return true;
}

bool take(const Value& value, std::set<IpAddr>& option) {
  if (value.kind != Kind::list) return false;
  std::set<IpAddr> addresses;
  for (auto& item : value.list()) {
    if (item.kind != Kind::addr) return false;
    addresses.insert(*item.address);
  }
  option = std::move(addresses);
  return true;
}

struct Row {
  std::string_view name;
  bool (*set)(const Value& value);
};

template <auto Member>
bool set(const Value& value) {
  return take(value, options().*Member);
}

constexpr Row rows[] = {
    {"dns_skip_all_auth", set<&Options::dnsSkipAllAuth>},
    {"dns_skip_all_addl", set<&Options::dnsSkipAllAddl>},
    {"dns_skip_auth", set<&Options::dnsSkipAuth>},
    {"dns_skip_addl", set<&Options::dnsSkipAddl>},
    {"dns_max_queries", set<&Options::dnsMaxQueries>},
    {"dns_max_compression_chain_depth", set<&Options::dnsMaxCompressionChainDepth>},
    {"dns_session_timeout", set<&Options::dnsSessionTimeout>},
    {"http_entity_data_delivery_size", set<&Options::httpEntityDataDeliverySize>},
    {"HTTP::max_pending_requests", set<&Options::httpMaxPendingRequests>},
    {"truncate_http_URI", set<&Options::truncateHttpUri>},
    {"MIME::max_depth", set<&Options::mimeMaxDepth>},
    {"MIME::max_header_bytes", set<&Options::mimeMaxHeaderBytes>},
    {"Files::enable_reassembler", set<&Options::filesReassemble>},
    {"Files::reassembly_buffer_size", set<&Options::filesReassemblyBuffer>},
    {"default_file_timeout_interval", set<&Options::filesTimeout>},
    {"default_file_bof_buffer_size", set<&Options::filesBeginningSize>},
};

}  // namespace

std::span<const std::string_view> optionNames() {
  static const auto names = [] {
    std::vector<std::string_view> out;
    for (auto& row : rows) out.push_back(row.name);
    return out;
  }();
  return names;
}

std::string setOption(std::string_view name, const Value& value) {
  for (auto& row : rows) {
    if (row.name != name) continue;
    // A piece of no size would never get anywhere.
    if (name == "http_entity_data_delivery_size" && value.kind == Kind::count && value.number == 0)
      return "http_entity_data_delivery_size must be at least 1";
    return row.set(value) ? std::string() : "wrong type for option " + std::string(name);
  }
  return "no such option: " + std::string(name);
}

}  // namespace bulkhead::analyzers
