#include "host/flow/icmp-messages.h"

#include "host/flow/byte-order.h"
#include "host/flow/checksum.h"
#include "host/flow/datagram-connection.h"

#include <algorithm>
#include <array>
#include <deque>
#include <vector>

namespace bulkhead::flow {

using events::EventId;
using events::Value;

namespace {

constexpr size_t icmpHeader = 8, ipv4Header = 20, ipv6Header = 40, address6 = 16;

namespace icmp4 {
enum Type : uint8_t { echoReply = 0, unreachable = 3, echoRequest = 8, timeExceeded = 11 };
}
namespace icmp6 {
enum Type : uint8_t {
  unreachable = 1,
  packetTooBig = 2,
  timeExceeded = 3,
  parameterProblem = 4,
  firstInformational = 128,
  echoRequest = 128,
  echoReply = 129,
  listenerReport = 131,
  listenerDone = 132,
  routerSolicitation = 133,
  routerAdvertisement = 134,
  neighborSolicitation = 135,
  neighborAdvertisement = 136,
  redirect = 137,
  routerRenumbering = 138,
  listenerReport2 = 143,
};
enum Option : uint8_t {
  sourceLinkAddress = 1,
  targetLinkAddress = 2,
  prefixInformation = 3,
  redirectedHeader = 4,
  mtu = 5,
};
}  // namespace icmp6

Value text(Bytes bytes) {
  return Value::textOf({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

// One message on its way into an event. What arguments point to lives here.
class Message {
 public:
  Message(events::EventSink& sink, events::ConnectionState& connection, const IpHeader& ip,
          Bytes message, uint32_t length, const std::function<void(const IcmpOddity&)>& report)
      : sink_(sink),
        connection_(connection),
        header_(message.data()),
        body_(message.subspan(icmpHeader)),
        isV6_(ip.protocol == ip::icmpv6),
        report_(report),
        info_{Value::of(isV6_), Value::count(header_[0]), Value::count(header_[1]),
              Value::count(length - icmpHeader), Value::count(ip.ttl)} {}

  void raise() { isV6_ ? raise6() : raise4(); }

 private:
  void raise4();
  void raise6();

  void sent();
  void echo(EventId event);
  void error(EventId event);
  void neighbor(EventId event);
  void listener(EventId event);
  void listener2();

  Value info() const { return Value::listOf(info_); }
  const IpAddr& keep(IpAddr address) { return addresses_.emplace_back(address); }
  std::span<const Value> keep(std::vector<Value> values) {
    return lists_.emplace_back(std::move(values));
  }
  Value addressAt(size_t at) { return Value::addrOf(keep(IpAddr::v6(body_.data() + at))); }

  Value context(Bytes quoted, bool v6);
  void ports(const IpHeader& ip, uint16_t& source, uint16_t& destination, Transport& transport);
  Value options(Bytes data);
  std::vector<Value> option(uint8_t type, size_t length, Bytes data);
  void weird(std::string_view name) { report_({name, {}, true}); }
  // False, and told, if what stands before the options is cut off.
  bool reachesOptions(std::string_view oddity, size_t offset) {
    if (body_.size() >= offset) return true;
    report_(
        {oddity, std::to_string(offset) + " (length " + std::to_string(body_.size()) + ")", false});
    return false;
  }

  events::EventSink& sink_;
  events::ConnectionState& connection_;
  const uint8_t* header_;
  Bytes body_;  // captured of what follows the eight bytes
  bool isV6_;
  const std::function<void(const IcmpOddity&)>& report_;
  std::array<Value, events::icmp_info_fields::fieldCount_> info_;
  std::deque<IpAddr> addresses_;
  std::deque<std::vector<Value>> lists_;
};

void Message::raise4() {
  switch (header_[0]) {
    case icmp4::echoRequest:
      return echo(EventId::icmp_echo_request);
    case icmp4::echoReply:
      return echo(EventId::icmp_echo_reply);
    case icmp4::unreachable:
      return error(EventId::icmp_unreachable);
    case icmp4::timeExceeded:
      return error(EventId::icmp_time_exceeded);
    default:
      return sent();
  }
}

void Message::raise6() {
  switch (header_[0]) {
    case icmp6::echoRequest:
      return echo(EventId::icmp_echo_request);
    case icmp6::echoReply:
      return echo(EventId::icmp_echo_reply);
    case icmp6::unreachable:
      return error(EventId::icmp_unreachable);
    case icmp6::packetTooBig:
      return error(EventId::icmp_packet_too_big);
    case icmp6::timeExceeded:
      return error(EventId::icmp_time_exceeded);
    case icmp6::parameterProblem:
      return error(EventId::icmp_parameter_problem);
    case icmp6::routerSolicitation:
      return neighbor(EventId::icmp_router_solicitation);
    case icmp6::routerAdvertisement:
      return neighbor(EventId::icmp_router_advertisement);
    case icmp6::neighborSolicitation:
      return neighbor(EventId::icmp_neighbor_solicitation);
    case icmp6::neighborAdvertisement:
      return neighbor(EventId::icmp_neighbor_advertisement);
    case icmp6::redirect:
      return neighbor(EventId::icmp_redirect);
    case icmp6::listenerReport:
      return listener(EventId::icmpv6_mld_report_v1);
    case icmp6::listenerDone:
      return listener(EventId::icmpv6_mld_done_v1);
    case icmp6::listenerReport2:
      return listener2();
    default:
      // RFC 4443 2.1: all lower types are errors, and quote what they are about.
      return header_[0] < icmp6::firstInformational ? error(EventId::icmp_error_message) : sent();
  }
}

// Messages that have no event of their own.
void Message::sent() {
  if (sink_.wants(EventId::icmp_sent))
    sink_.raise(EventId::icmp_sent, {Value::of(connection_), info()});
  if (sink_.wants(EventId::icmp_sent_payload))
    sink_.raise(EventId::icmp_sent_payload, {Value::of(connection_), info(), text(body_)});
}

void Message::echo(EventId event) {
  if (!sink_.wants(event)) return;
  sink_.raise(event, {Value::of(connection_), info(), Value::count(be16(header_ + 4)),
                      Value::count(be16(header_ + 6)), text(body_)});
}

void Message::error(EventId event) {
  if (!sink_.wants(event)) return;
  sink_.raise(event,
              {Value::of(connection_), info(), Value::count(header_[1]), context(body_, isV6_)});
}

void Message::ports(const IpHeader& ip, uint16_t& source, uint16_t& destination,
                    Transport& transport) {
  const uint8_t* payload = ip.payload();
  switch (ip.protocol) {
    case ip::tcp:
    case ip::udp:
      transport = ip.protocol == ip::tcp ? Transport::tcp : Transport::udp;
      source = be16(payload), destination = be16(payload + 2);
      break;
    case ip::icmp:
    case ip::icmpv6: {
      // Zeek has the type in the upper byte here, unlike in a connection's own ports.
      bool oneWay;
      transport = Transport::icmp;
      source = static_cast<uint16_t>(payload[0] << 8);
      destination =
          static_cast<uint16_t>(icmpCounterpart(!ip.isV4, payload[0], payload[1], oneWay) << 8);
      break;
    }
    default:
      transport = Transport::unknown;
  }
}

Value Message::context(Bytes quoted, bool v6) {
  IpHeader ip;
  uint16_t source = 0, destination = 0;
  Transport transport = Transport::unknown;
  bool tooShort = quoted.size() < (v6 ? ipv6Header : ipv4Header), badChecksum = false;
  if (!tooShort) {
    HeaderOddities ignored;
    ip = v6 ? parseIpv6(quoted, ignored) : parseIpv4(quoted);
    if (!v6 && ip.headerLength <= quoted.size())
      badChecksum = !checksumGood(quoted.first(ip.headerLength));
    // Four bytes hold both ports.
    tooShort = quoted.size() < ip.headerLength + 4u;
    if (!tooShort) ports(ip, source, destination, transport);
  }
  auto id = keep({Value::addrOf(keep(ip.source)), Value::portOf({source, transport}),
                  Value::addrOf(keep(ip.destination)), Value::portOf({destination, transport}),
                  Value::count(v6 ? ip::icmpv6 : ip::icmp), Value::listOf({})});
  return Value::listOf(
      keep({Value::listOf(id), Value::count(ip.totalLength),
            Value::count(static_cast<uint64_t>(transport)), Value::count(ip.fragmentOffset),
            Value::of(tooShort), Value::of(badChecksum), Value::of(ip.moreFragments),
            Value::of(ip.dontFragment)}));
}

// RFC 4861 4.6. `data` is what follows type and length, `length` what these say of it.
std::vector<Value> Message::option(uint8_t type, size_t length, Bytes data) {
  namespace fields = events::icmp6_nd_option_fields;
  std::vector<Value> made(fields::fieldCount_);
  made[fields::otype] = Value::count(type);
  made[fields::len] = Value::count((length + 2) / 8);
  const bool whole = data.size() >= length;
  if ((type == icmp6::sourceLinkAddress || type == icmp6::targetLinkAddress) && whole) {
    made[fields::link_address] = text(data.first(length));
  } else if (type == icmp6::prefixInformation && data.size() >= 30) {
    const uint8_t* p = data.data();
    made[fields::prefix] = Value::listOf(
        keep({Value::count(p[0]), Value::of((p[1] & 0x80) != 0), Value::of((p[1] & 0x40) != 0),
              Value::intervalOf(be32(p + 2)), Value::intervalOf(be32(p + 6)),
              Value::addrOf(keep(IpAddr::v6(p + 14)))}));
  } else if (type == icmp6::redirectedHeader && whole) {
    made[fields::redirect] = context(data.subspan(6, length - 6), true);
  } else if (type == icmp6::mtu && data.size() >= 6) {
    made[fields::mtu] = Value::count(be32(data.data() + 2));
  } else {
    made[fields::payload] = text(data.first(std::min(length, data.size())));
  }
  return made;
}

Value Message::options(Bytes data) {
  std::vector<Value> all;
  while (!data.empty() && all.size() < maxIcmpElements) {
    if (data.size() < 2) {
      weird("truncated_ICMPv6_ND_options");
      break;
    }
    const uint8_t type = data[0], units = data[1];
    if (units == 0) {
      weird("zero_length_ICMPv6_ND_option");
      break;
    }
    const size_t length = units * 8u - 2;
    data = data.subspan(2);
    all.push_back(Value::listOf(keep(option(type, length, data))));
    data = data.subspan(std::min(length, data.size()));
  }
  return Value::listOf(keep(std::move(all)));
}

void Message::neighbor(EventId event) {
  if (!sink_.wants(event)) return;
  std::vector<Value> args = {Value::of(connection_), info()};
  size_t offset = 0;
  switch (event) {
    case EventId::icmp_router_advertisement: {
      offset = 8;
      if (!reachesOptions("icmp6_ra_bad_opt_offset", offset)) return;
      const uint8_t flags = header_[5];
      args.insert(args.end(), {Value::count(header_[4]), Value::of((flags & 0x80) != 0),
                               Value::of((flags & 0x40) != 0), Value::of((flags & 0x20) != 0),
                               Value::count((flags & 0x18) >> 3), Value::of((flags & 0x04) != 0),
                               Value::count(flags & 0x02), Value::intervalOf(be16(header_ + 6)),
                               Value::intervalOf(be32(body_.data()) / 1000.0),
                               Value::intervalOf(be32(body_.data() + 4) / 1000.0)});
      break;
    }
    case EventId::icmp_neighbor_solicitation:
      offset = address6;
      if (!reachesOptions("icmp6_ns_bad_opt_offset", offset)) return;
      args.push_back(addressAt(0));
      break;
    case EventId::icmp_neighbor_advertisement:
      offset = address6;
      if (!reachesOptions("icmp6_na_bad_opt_offset", offset)) return;
      args.insert(args.end(),
                  {Value::of((header_[4] & 0x80) != 0), Value::of((header_[4] & 0x40) != 0),
                   Value::of((header_[4] & 0x20) != 0), addressAt(0)});
      break;
    case EventId::icmp_redirect:
      offset = 2 * address6;
      if (!reachesOptions("icmp6_redirect_bad_opt_offset", offset)) return;
      args.insert(args.end(), {addressAt(0), addressAt(address6)});
      break;
    default:  // a router solicitation has options only
      break;
  }
  args.push_back(options(body_.subspan(offset)));
  sink_.raise(event, args);
}

void Message::listener(EventId event) {
  if (body_.size() < address6) return weird("truncated_ICMPv6_MLDv1");
  if (sink_.wants(event)) sink_.raise(event, {Value::of(connection_), addressAt(0)});
}

// RFC 3810 5.2. Records of types that it does not know are to be passed over.
void Message::listener2() {
  constexpr size_t smallestRecord = 4 + address6;
  const size_t claimed = be16(header_ + 6);
  if (body_.size() < claimed * smallestRecord) return weird("truncated_ICMPv6_MLDv2");
  const bool wanted = sink_.wants(EventId::icmpv6_mld_report_v2);
  std::vector<Value> records;
  Bytes data = body_;
  for (size_t i = 0; i < std::min(claimed, maxIcmpElements) && !data.empty(); ++i) {
    if (data.size() < 4) {
      weird("truncated_ICMPv6_MLDv2_record");
      break;
    }
    const uint8_t type = data[0];
    const size_t auxiliary = data[1] * 4u, sources = be16(data.data() + 2);
    const size_t size = smallestRecord + sources * address6 + auxiliary;
    if (data.size() < size) {
      weird("truncated_ICMPv6_MLDv2_record");
      break;
    }
    if (wanted && type >= 1 && type <= 6) {
      std::vector<Value> list;
      for (size_t j = 0; j < sources; ++j)
        list.push_back(
            Value::addrOf(keep(IpAddr::v6(data.data() + smallestRecord + j * address6))));
      records.push_back(Value::listOf(keep(
          {Value::enumOf(type), Value::count(auxiliary), Value::count(sources),
           Value::addrOf(keep(IpAddr::v6(data.data() + 4))), Value::listOf(keep(std::move(list))),
           auxiliary == 0 ? Value() : text(data.subspan(size - auxiliary, auxiliary))})));
    }
    data = data.subspan(size);
  }
  if (wanted)
    sink_.raise(EventId::icmpv6_mld_report_v2, {Value::of(connection_), Value::listOf(records)});
}

}  // namespace

void raiseIcmpEvents(events::EventSink& sink, events::ConnectionState& connection,
                     const IpHeader& ip, Bytes message, uint32_t length,
                     const std::function<void(const IcmpOddity&)>& report) {
  Message(sink, connection, ip, message, length, report).raise();
}

}  // namespace bulkhead::flow
