#include "host/flow/engine.h"

#include "host/capture/link-layer.h"
#include "host/flow/byte-order.h"
#include "host/flow/checksum.h"
#include "host/flow/connection.h"
#include "host/flow/datagram-connection.h"
#include "host/flow/fragments.h"
#include "host/flow/ip-header.h"
#include "host/flow/packet-headers.h"
#include "host/flow/tcp-connection.h"
#include "host/flow/tunnel-table.h"

#include <algorithm>
#include <cassert>
#include <optional>
#include <unordered_map>

namespace bulkhead::flow {

using events::EventId;

namespace {

// Responder ports that Zeek's base scripts count as servers', beside those of the analyzers here.
constexpr uint16_t tcpServers[] = {
    21,   22,   25,   53,   79,   80,   81,   88,   135,  139,  143,  443,  445,  465,  502,
    514,  563,  585,  587,  614,  631,  636,  989,  990,  992,  993,  995,  1080, 1434, 1883,
    2811, 3128, 3306, 3389, 5222, 5223, 5269, 6666, 6667, 6668, 6669, 8000, 8080, 8888, 20000};
constexpr uint16_t udpServers[] = {53,   67,   88,   123,  137,  161,  162,  443,
                                   514,  1812, 2123, 2152, 3389, 3544, 4011, 4754,
                                   4789, 5060, 5072, 5353, 5355, 6081, 20000};

constexpr int maxDepth = 15;  // layers in one frame, Zeek's packet_analysis depth limit

}  // namespace

class Engine::Impl final : public Environment, public capture::FrameVisitor {
 public:
  Impl(events::EventSink& s, FileSink& f, TimerQueue& t, std::span<const AnalyzerRow> rows,
       EngineOptions o)
      : Environment(s, f, t, rows, std::move(o)),
        table_(0x5bd1e9955bd1e995),
        fragments_(t, options.fragmentTimeout,
                   [this](std::string_view name, const IpHeader& header) {
                     weirds.flow(networkTime, header.source, header.destination, name, "", "");
                   }),
        tunnels_(t, options.ipTunnelTimeout, uids) {
    for (uint16_t port : tcpServers) servers_.insert({port, Transport::tcp});
    for (uint16_t port : udpServers) servers_.insert({port, Transport::udp});
    servers_.insert(options.likelyServerPorts.begin(), options.likelyServerPorts.end());
  }
  ~Impl() override {
    // Groups of timers must go before anything that they point to.
    for (auto& [pointer, connection] : connections_) connection->leftTable();
  }

  void packet(const capture::Packet& packet) {
    ++stats.packets;
    stats.bytes += packet.data.size();
    packetTime = packet.time;
    networkTime = std::max(networkTime, packet.time);
    sink.setClock(networkTime, 0);
    sink.setPacket(packet.data, packet.wireLength);
    fireTimers(options.maxTimerExpires);
    capture::Frame frame;
    frame.start = packet.data.data();
    frame.captured = packet.data.size();
    frame.wireLength = packet.wireLength;
    processed_ = false;
    depth_ = 0;
    tunnel_.clear();
    outermost_.reset();
    outermostData_ = {};
    capture::decodeFrame(packet.linkType, frame, *this);
    if (!processed_) ++stats.notProcessed;
    if (sink.wants(EventId::raw_packet)) {
      PacketHeaders headers;
      sink.raise(EventId::raw_packet,
                 {headers.ofFrame(packet, outermost_ ? &*outermost_ : nullptr, outermostData_)});
    }
    settle();
    sink.drain();
    graveyard_.clear();
  }

  void advanceTime(double now) {
    networkTime = std::max(networkTime, now);
    packetTime = networkTime;
    sink.setClock(networkTime, 0);
    fireTimers(options.maxTimerExpires);
    settle();
    sink.drain();
    graveyard_.clear();
  }

  void finish() {
    ending = true;
    timers.expireAll(networkTime, [this](double due) { sink.setClock(networkTime, due); });
    settle();
    sink.drain();
    graveyard_.clear();
    sink.setClock(networkTime, 0);
    std::vector<Connection*> left = table_.all();
    std::sort(left.begin(), left.end(),
              [](const Connection* a, const Connection* b) { return a->key() < b->key(); });
    for (Connection* connection : left) {
      connection->done();
      connection->leftTable();
      connection->removalEvents();
      table_.erase(connection->hash(), *connection);
    }
    settle();
    sink.drain();
    connections_.clear();
  }

  ConnectionContext* find(const events::ConnectionId& id) const {
    uint16_t from = id.origPort.number, to = id.respPort.number;
    bool oneWay = false;
    if (id.origPort.transport == Transport::icmp)
      icmpCounterpart(!id.origHost.isV4(), static_cast<uint8_t>(from), static_cast<uint8_t>(to),
                      oneWay);
    auto key = ConnectionKey::of(id.origHost, from, id.respHost, to, id.protocol, oneWay);
    return table_.find(key, table_.hash(key));
  }

  // Environment
  void remove(Connection& connection) override {
    if (!connection.inTable()) return;
    connection.done();
    connection.leftTable();
    connection.removalEvents();
    table_.erase(connection.hash(), connection);
    auto found = connections_.find(&connection);
    graveyard_.push_back(std::move(found->second));
    connections_.erase(found);
  }
  void violated(Connection& connection, uint32_t) override { violators_.push_back(&connection); }

  // capture::FrameVisitor
  bool network(capture::Frame& frame, Bytes data) override;
  bool arp(capture::Frame&, Bytes) override {
    processed_ = true;
    return true;
  }
  void frameWeird(capture::Frame&, std::string_view name, std::string_view addl,
                  std::string_view layer) override {
    weirds.net(networkTime, name, addl, layer);
  }
  bool descend(capture::Frame& frame, std::string_view layer) override {
    if (++depth_ <= maxDepth) return true;
    frameWeird(frame, "max_packet_analyzer_depth_exceeded", "", layer);
    return false;
  }

  Statistics stats;
  size_t openConnections() const { return table_.size(); }

 private:
  void fireTimers(size_t most) {
    timers.advance(networkTime, most == 0 ? SIZE_MAX : most, [this](double due) {
      packetTime = networkTime;
      sink.setClock(networkTime, due);
    });
    sink.setClock(networkTime, 0);
  }
  void settle() {
    for (Connection* connection : std::exchange(violators_, {})) connection->settleViolations();
  }
  void weird(std::string_view name, std::string_view layer = "IP", std::string_view addl = {}) {
    weirds.net(networkTime, inTunnel(name), addl, layer);
  }
  void weird(const IpHeader& ip, std::string_view name, std::string_view layer = "IP",
             std::string_view addl = {}) {
    weirds.flow(networkTime, ip.source, ip.destination, inTunnel(name), addl, layer);
  }
  std::string inTunnel(std::string_view name) const {
    std::string out(name);
    if (!tunnel_.empty()) out += "_in_tunnel";
    return out;
  }
  bool transport(capture::Frame& frame, const IpHeader& ip, Bytes data, bool wholeFrame);
  bool segment(const Segment& packet);
  void raiseHeaders(Connection& connection, const Segment& packet);
  bool wanted(Transport transport, Bytes data, uint16_t from, uint16_t to, bool& flip) const;
  bool innerIp(capture::Frame& frame, const IpHeader& outer, Bytes data, uint64_t type);
  bool gre(capture::Frame& frame, const IpHeader& outer, Bytes data);
  bool enterTunnel(const IpHeader& outer, uint64_t type);

  ConnectionTable table_;
  std::unordered_map<const Connection*, std::unique_ptr<Connection>> connections_;
  std::vector<std::unique_ptr<Connection>> graveyard_;
  std::vector<Connection*> violators_;
  FragmentTable fragments_;
  TunnelTable tunnels_;
  std::set<Port> servers_;
  std::vector<events::EncapsulationState> tunnel_;
  // Of the frame at hand, where somebody wants raw_packet.
  std::optional<IpHeader> outermost_;
  Bytes outermostData_;
  bool processed_ = false;
  int depth_ = 0;
  HeaderOddities oddities_;
};

bool Engine::Impl::network(capture::Frame& frame, Bytes data) {
  constexpr size_t v4Header = 20, v6Header = 40;
  if (data.size() < v4Header) {
    weird("truncated_IP");
    return false;
  }
  const int version = data[0] >> 4;
  IpHeader ip;
  oddities_.clear();
  if (version == 4) {
    ip = parseIpv4(data);
  } else if (version == 6) {
    if (data.size() < v6Header) {
      weird("truncated_IP");
      return false;
    }
    ip = parseIpv6(data, oddities_);
    for (const auto& oddity : oddities_)
      weirds.flow(networkTime, ip.source, ip.destination, oddity.name,
                  oddity.hasDetail ? std::to_string(oddity.detail) : std::string(), "");
  } else {
    weird("unknown_ip_version");
    return false;
  }
  const auto before = static_cast<size_t>(data.data() - frame.start);
  uint32_t total = ip.totalLength;
  if (total == 0) {
    weird("ip_hdr_len_zero");
    if (!options.ignoreChecksums) return false;
    total = static_cast<uint32_t>(frame.captured - before);
  }
  if (frame.wireLength < total + before) {
    weird("truncated_IP_len");
    return false;
  }
  if (ip.headerLength > total) {
    weird("invalid_IP_header_size");
    return false;
  }
  if (ip.headerLength > data.size()) {
    weird("internally_truncated_header");
    return false;
  }
  if (ip.isV4 && ip.headerLength < v4Header) {
    weird("IPv4_min_header_size");
    return false;
  }
  if (ip.isV4 && !options.ignoreChecksums && !checksumGood(data.first(ip.headerLength))) {
    weird(ip, "bad_IP_checksum");
    return false;
  }
  data = data.first(std::min<size_t>(data.size(), total));
  if (!outermost_ && sink.wants(EventId::raw_packet)) {
    outermost_ = ip;
    outermostData_ = data;
  }
  if (!ip.isFragment) return transport(frame, ip, data, frame.captured >= frame.wireLength);

  if (data.size() < total) {
    weird(ip, "incompletely_captured_fragment");
    // The first one still tells ports.
    return ip.fragmentOffset == 0 && transport(frame, ip, data, false);
  }
  Bytes whole = fragments_.add(ip, networkTime);
  if (whole.empty()) return true;
  capture::Frame assembled = frame;
  assembled.start = whole.data();
  assembled.captured = whole.size();
  assembled.wireLength = static_cast<uint32_t>(whole.size());
  oddities_.clear();
  IpHeader joined =
      ip.isV4 ? parseIpv4(whole) : parseIpv6(whole, oddities_, fragments_.completedProtocol());
  joined.reassembled = true;
  joined.isFragment = false;
  if (joined.headerLength > whole.size()) {
    weird(joined, "invalid_IP_header_size");
    return false;
  }
  return transport(assembled, joined, whole, true);
}

bool Engine::Impl::transport(capture::Frame& frame, const IpHeader& ip, Bytes data,
                             bool wholeFrame) {
  if (ip.lastHeader == ip::esp && !ip.isV4) return true;
  if (ip.lastHeader == ip::mobility && !ip.isV4) return true;
  Bytes payload = data.subspan(ip.headerLength);
  uint32_t length = ip.payloadLength();
  if (length != 0)
    payload = payload.first(std::min<size_t>(payload.size(), length));
  else
    length = static_cast<uint32_t>(payload.size());
  namespace types = events::Tunnel_Type_values;
  switch (ip.protocol) {
    case ip::noNext:
      weird(ip, "ipv6_no_next");
      return false;
    case ip::ipv4:
    case ip::ipv6:
      return innerIp(frame, ip, payload, types::Tunnel_IP);
    case ip::gre:
      return gre(frame, ip, payload);
    default:
      return segment({ip, payload, length, wholeFrame, frame, tunnel_});
  }
}

bool Engine::Impl::enterTunnel(const IpHeader& outer, uint64_t type) {
  if (tunnel_.size() >= options.maxTunnelDepth) {
    weird(outer, "exceeded_tunnel_max_depth", "IPTUNNEL");
    return false;
  }
  tunnel_.push_back(tunnels_.find(outer, type, networkTime));
  return true;
}

bool Engine::Impl::innerIp(capture::Frame& frame, const IpHeader& outer, Bytes data,
                           uint64_t type) {
  const bool v6 = outer.protocol == ip::ipv6;
  if (data.empty() || data.size() < (v6 ? 40u : 20u)) {
    weird(outer, v6 ? "truncated_inner_IP" : "invalid_inner_IP_version", "IPTUNNEL");
    return false;
  }
  if (data[0] >> 4 != (v6 ? 6 : 4)) {
    weird(outer, "invalid_inner_IP_version", "IPTUNNEL");
    return false;
  }
  const uint32_t inner = v6 ? be16(&data[4]) + 40u : be16(&data[2]);
  if (inner != data.size()) {
    weird(outer, data.size() < inner ? "truncated_inner_IP" : "inner_IP_payload_length_mismatch",
          "IPTUNNEL");
    return false;
  }
  if (!enterTunnel(outer, type)) return false;
  capture::Frame within;
  within.start = data.data();
  within.captured = data.size();
  within.wireLength = inner;
  (void)frame;
  return descend(within, "IPTUNNEL") && network(within, data);
}

// RFC 2784 and 2890, with IP or Ethernet inside.
bool Engine::Impl::gre(capture::Frame&, const IpHeader& outer, Bytes data) {
  constexpr uint16_t hasChecksum = 0x8000, hasRouting = 0x4000, hasKey = 0x2000,
                     hasSequence = 0x1000, reserved = 0x0078, version = 0x0007;
  constexpr uint16_t etherIpv4 = 0x0800, etherIpv6 = 0x86dd, etherBridged = 0x6558;
  if (data.size() < 4) {
    weird(outer, "truncated_GRE", "GRE");
    return false;
  }
  const uint16_t flags = be16(&data[0]), protocol = be16(&data[2]);
  if ((flags & version) != 0) {
    weird(outer, "unknown_gre_version", "GRE", "version=" + std::to_string(flags & version));
    return false;
  }
  if (flags & hasRouting) {
    weird(outer, "gre_routing", "GRE");
    return false;
  }
  if (flags & reserved) {
    weird(outer, "unknown_gre_flags", "GRE");
    return false;
  }
  size_t header = 4;
  for (uint16_t bit : {hasChecksum, hasKey, hasSequence})
    if (flags & bit) header += 4;
  if (data.size() < header + (protocol == etherBridged ? 15 : 0)) {
    weird(outer, "truncated_GRE", "GRE");
    return false;
  }
  data = data.subspan(header);
  if (protocol != etherIpv4 && protocol != etherIpv6 && protocol != etherBridged) return false;
  if (!enterTunnel(outer, events::Tunnel_Type_values::Tunnel_GRE)) return false;
  capture::Frame within;
  within.start = data.data();
  within.captured = data.size();
  within.wireLength = static_cast<uint32_t>(data.size());
  if (!descend(within, "GRE")) return false;
  return protocol == etherBridged ? capture::decodeEthernet(within, data, *this)
                                  : network(within, data);
}

bool Engine::Impl::wanted(Transport transport, Bytes data, uint16_t from, uint16_t to,
                          bool& flip) const {
  auto isServer = [&](uint16_t port) {
    Port p{port, transport};
    return servers_.contains(p) || analyzers.isServerPort(p);
  };
  flip = false;
  if (transport == Transport::udp) {
    flip = isServer(from) && !isServer(to);
  } else if (transport == Transport::tcp) {
    const tcp::Flags flags = TcpHeader::parse(data).flags;
    if (flags.syn() && !flags.ack()) return true;
    if (!options.partialConnectionOk || (flags.syn() && !options.tcpSynAckOk)) return false;
    // Who is the responder must be guessed. A SYN-ACK may be a stealth scan: not if in doubt.
    if (isServer(from)) flip = isServer(to) ? !flags.syn() && from < to : true;
  }
  return true;
}

bool Engine::Impl::segment(const Segment& packet) {
  const IpHeader& ip = packet.ip;
  events::ConnectionId id;
  id.origHost = ip.source;
  id.respHost = ip.destination;
  id.protocol = ip.protocol;
  Transport transport = Transport::unknown;
  const char* layer = "UNKNOWN_IP_TRANSPORT";
  size_t smallest = 0;
  switch (ip.protocol) {
    case ip::tcp:
      transport = Transport::tcp, layer = "TCP", smallest = TcpHeader::smallest;
      break;
    case ip::udp:
      transport = Transport::udp, layer = "UDP", smallest = 8;
      break;
    case ip::icmp:
    case ip::icmpv6:
      transport = Transport::icmp, layer = "ICMP", smallest = 8;
      break;
    default:
      break;
  }
  if (ip.payloadLength() != 0 && ip.payloadLength() < smallest) {
    weird(ip, "truncated_header", layer);
    return false;
  }
  if (packet.captured.size() < smallest) {
    weird(ip, "internally_truncated_header", layer);
    return false;
  }
  uint16_t from = 0, to = 0;
  bool oneWay = false;
  if (transport == Transport::icmp) {
    from = packet.captured[0];
    to = icmpCounterpart(ip.protocol == ip::icmpv6, packet.captured[0], packet.captured[1], oneWay);
  } else if (transport != Transport::unknown) {
    from = be16(&packet.captured[0]);
    to = be16(&packet.captured[2]);
  }
  id.origPort = {from, transport};
  id.respPort = {to, transport};
  const auto key = ConnectionKey::of(ip.source, from, ip.destination, to, ip.protocol, oneWay);
  const uint64_t hash = table_.hash(key);
  Connection* connection = table_.find(key, hash);
  if (connection && !connection->continues(packet)) {
    connection->raise(EventId::connection_reused);
    remove(*connection);
    connection = nullptr;
  } else if (connection) {
    connection->checkTunnel(packet.tunnel);
  }
  if (!connection) {
    bool flip = false;
    if (!wanted(transport, packet.captured, from, to, flip)) return false;
    std::unique_ptr<Connection> made;
    if (transport == Transport::tcp)
      made = std::make_unique<TcpConnection>(*this, key, hash, id, packet);
    else
      made = std::make_unique<DatagramConnection>(*this, key, hash, id, packet);
    connection = made.get();
    connections_.emplace(connection, std::move(made));
    table_.insert(hash, *connection);
    ++stats.connections;
    const bool broadcast = ip.destination.isV4() && ip.destination.v4HostOrder() == UINT32_MAX;
    connection->begin(flip && !broadcast);
  }
  processed_ = transport != Transport::unknown;
  const bool isOrig = connection->isFromOrig(ip.source, from);
  connection->checkFlowLabel(isOrig, ip.flowLabel);
  raiseHeaders(*connection, packet);
  if (!connection->isSkipping()) connection->receive(isOrig, packet);
  return true;
}

// For those who look at each packet: costly, and only where one does.
void Engine::Impl::raiseHeaders(Connection& connection, const Segment& packet) {
  const bool extended = packet.ip.headers > 1 && sink.wants(EventId::ipv6_ext_headers);
  const bool any = sink.wants(EventId::new_packet);
  if (!extended && !any) return;
  PacketHeaders headers;
  // The header lies in front of what was captured behind it.
  const events::Value header = headers.ofPacket(
      packet.ip, {packet.ip.start, packet.ip.headerLength + packet.captured.size()});
  if (extended) connection.raise(EventId::ipv6_ext_headers, header);
  if (any) connection.raise(EventId::new_packet, header);
}

Engine::Engine(events::EventSink& sink, FileSink& files, TimerQueue& timers,
               std::span<const AnalyzerRow> analyzers, EngineOptions options)
    : impl_(std::make_unique<Impl>(sink, files, timers, analyzers, std::move(options))) {}

Engine::~Engine() = default;

void Engine::packet(const capture::Packet& packet) { impl_->packet(packet); }
void Engine::advanceTime(double now) { impl_->advanceTime(now); }
void Engine::finish() { impl_->finish(); }
double Engine::networkTime() const { return impl_->networkTime; }
ConnectionContext* Engine::find(const events::ConnectionId& id) const { return impl_->find(id); }

Engine::Statistics Engine::statistics() const {
  Statistics out = impl_->stats;
  out.openConnections = impl_->openConnections();
  return out;
}

}  // namespace bulkhead::flow
