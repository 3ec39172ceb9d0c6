// Developer's tool: reads captures in this process, without compartments or scripts, and prints one
// row per connection as conn.log has it. compare.py holds that against recorded logs.
//
//   conn-oracle [-C] CAPTURE    (ZEEK_SEED_FILE names the seed of identifiers)

#include "host/analyzers/files/file-manager.h"
#include "host/analyzers/registry.h"
#include "host/capture/packet-source.h"
#include "host/flow/engine.h"

#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>

namespace {

using namespace bulkhead;
using events::EventId;
using events::Value;

// What the base scripts of conn.log do with events.
class ConnLog final : public events::EventSink {
 public:
  bool wants(EventId event) const override {
    switch (event) {
      case EventId::new_connection:
      case EventId::connection_state_remove:
      case EventId::content_gap:
      case EventId::tunnel_changed:
      case EventId::analyzer_confirmation_info:
      case EventId::analyzer_violation_info:
      case EventId::connection_flipped:
        return true;
      case EventId::conn_weird:
      case EventId::flow_weird:
      case EventId::net_weird:
        return showWeirds;
      default:
        return false;
    }
  }
  events::Arena& arena() override { return arena_; }
  using EventSink::raise;
  void raise(EventId event, std::span<const Value> args) override {
    if (event == EventId::content_gap) missed_[args[0].connectionState->number] += args[3].number;
    if (event == EventId::connection_state_remove) row(*args[0].connectionState);
    if (showWeirds && (event == EventId::conn_weird || event == EventId::flow_weird ||
                       event == EventId::net_weird))
      std::fprintf(stderr, "%s %s\n", std::string(args[0].view()).c_str(),
                   event == EventId::conn_weird ? args[1].connectionState->uid.c_str() : "");
  }
  void drain() override { arena_.reset(); }
  void forget(events::ConnectionState& connection) override { missed_.erase(connection.number); }
  void forget(events::FileState&) override {}

  bool showWeirds = false;

 private:
  static std::string state(const events::ConnectionState& c);
  void row(const events::ConnectionState& c);

  events::Arena arena_;
  std::map<uint64_t, uint64_t> missed_;
};

std::string ConnLog::state(const events::ConnectionState& c) {
  enum { inactive, synSent, synAckSent, partial, established, closed, reset };
  const uint64_t o = c.orig.state, r = c.resp.state;
  if (c.id.respPort.transport == Transport::udp) {
    if (o) return r ? "SF" : "S0";
    return r ? "SHR" : "OTH";
  }
  if (c.id.respPort.transport != Transport::tcp) return "OTH";
  const bool origIdle = o == inactive || o == partial, respIdle = r == inactive || r == partial;
  if (r == reset) {
    if (o == synSent || o == synAckSent || (o == reset && c.orig.size == 0 && c.resp.size == 0))
      return "REJ";
    return origIdle ? "RSTRH" : "RSTR";
  }
  if (o == reset) {
    if (!respIdle) return "RSTO";
    // A SYN, then nothing that answers or says more before the RST.
    std::string_view h = c.history;
    if (h.starts_with('^')) h.remove_prefix(1);
    const size_t rst = h.find('R');
    const bool lonely = h.starts_with('S') && rst != std::string_view::npos &&
                        h.substr(1, rst - 1).find_first_of("HAFGIQ") == std::string_view::npos;
    return lonely ? "RSTOS0" : "OTH";
  }
  if (r == closed && o == closed) return "SF";
  if (o == closed) return respIdle ? "SH" : "S2";
  if (r == closed) return origIdle ? "SHR" : "S3";
  if (o == synSent && r == inactive) return "S0";
  if (o == established && r == established) return "S1";
  return "OTH";
}

bool isPrivate(const IpAddr& a) {
  for (const char* net : {"0.0.0.0/8",
                          "2002::/24",
                          "10.0.0.0/8",
                          "2002:a00::/24",
                          "100.64.0.0/10",
                          "2002:6440::/26",
                          "127.0.0.0/8",
                          "2002:7f00::/24",
                          "169.254.0.0/16",
                          "2002:a9fe::/32",
                          "172.16.0.0/12",
                          "2002:ac10::/28",
                          "192.0.0.0/24",
                          "2002:c000::/40",
                          "192.0.2.0/24",
                          "2002:c000:200::/40",
                          "192.168.0.0/16",
                          "2002:c0a8::/32",
                          "198.18.0.0/15",
                          "2002:c612::/31",
                          "198.51.100.0/24",
                          "2002:c633:6400::/40",
                          "203.0.113.0/24",
                          "2002:cb00:7100::/40",
                          "224.0.0.0/24",
                          "2002:e000::/40",
                          "239.0.0.0/8",
                          "2002:ef00::/24",
                          "240.0.0.0/4",
                          "2002:f000::/20",
                          "255.255.255.255/32",
                          "2002:ffff:ffff::/48",
                          "::/128",
                          "::1/128",
                          "64:ff9b:1::/48",
                          "100::/64",
                          "2001::/23",
                          "2001:2::/48",
                          "2001:db8::/32",
                          "fc00::/7",
                          "fe80::/10",
                          "fec0::/10"})
    if (Subnet::parse(net)->contains(a)) return true;
  return false;
}

void ConnLog::row(const events::ConnectionState& c) {
  auto proto = c.id.respPort.transport == Transport::unknown
                   ? std::string("unknown_transport")
                   : std::string(transportName(c.id.respPort.transport));
  std::string services, tunnels = "-";
  for (const auto& one : c.services) services += (services.empty() ? "" : ",") + one;
  for (char& each : services) each = static_cast<char>(std::tolower(each));
  if (!c.tunnel.empty()) tunnels = c.tunnel.back().uid;
  char duration[64] = "-";
  std::string origBytes = "-", respBytes = "-";
  if (c.duration() > 0) {
    std::snprintf(duration, sizeof duration, "%.6f", c.duration());
    origBytes = std::to_string(c.orig.size);
    respBytes = std::to_string(c.resp.size);
  }
  std::printf(
      "%.6f\t%s\t%s\t%u\t%s\t%u\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%llu\t%s\t%llu\t%llu\t%llu\t%llu"
      "\t%s\t%u\n",
      c.startTime, c.uid.c_str(), c.id.origHost.text().c_str(), c.id.origPort.number,
      c.id.respHost.text().c_str(), c.id.respPort.number, proto.c_str(),
      services.empty() ? "-" : services.c_str(), duration, origBytes.c_str(), respBytes.c_str(),
      state(c).c_str(), isPrivate(c.id.origHost) ? "T" : "F", isPrivate(c.id.respHost) ? "T" : "F",
      static_cast<unsigned long long>(missed_[c.number]),
      c.history.empty() ? "-" : c.history.c_str(), static_cast<unsigned long long>(c.orig.packets),
      static_cast<unsigned long long>(c.orig.ipBytes),
      static_cast<unsigned long long>(c.resp.packets),
      static_cast<unsigned long long>(c.resp.ipBytes), tunnels.c_str(), c.id.protocol);
}

}  // namespace

int main(int count, char** arguments) {
  flow::EngineOptions options;
  ConnLog log;
  const char* path = nullptr;
  for (int i = 1; i < count; ++i) {
    if (std::strcmp(arguments[i], "-C") == 0)
      options.ignoreChecksums = true;
    else if (std::strcmp(arguments[i], "-w") == 0)
      log.showWeirds = true;
    else
      path = arguments[i];
  }
  if (!path) {
    std::fprintf(stderr, "usage: conn-oracle [-C] [-w] CAPTURE\n");
    return 2;
  }
  if (const char* seed = std::getenv("ZEEK_SEED_FILE")) {
    std::stringstream text;
    text << std::ifstream(seed).rdbuf();
    options.seed = keyFromSeedFile(text.str());
  }
  auto opened = capture::PacketSource::openFile(path);
  if (auto* error = std::get_if<capture::CaptureError>(&opened)) {
    std::fprintf(stderr, "%s\n", error->message().c_str());
    return 1;
  }
  auto& source = *std::get<std::unique_ptr<capture::PacketSource>>(opened);
  flow::TimerQueue timers;
  analyzers::files::FileManager files(log, timers);
  flow::Engine engine(log, files, timers, analyzers::registry(), options);
  capture::Packet packet;
  capture::PacketSource::Read read;
  while ((read = source.next(packet)) == capture::PacketSource::Read::packet) engine.packet(packet);
  engine.finish();
  if (read == capture::PacketSource::Read::error) {
    std::fprintf(stderr, "%s\n", source.error().message().c_str());
    return 1;
  }
  return 0;
}
