#include "host/flow/packet-headers.h"

#include "host/events/catalog.h"
#include "host/flow/byte-order.h"

#include <algorithm>
#include <utility>

namespace bulkhead::flow {

using events::Value;

namespace {

constexpr int linkEthernet = 1;  // as pcap numbers them
constexpr size_t ethernetHeader = 14, tagSize = 4, ipv6Header = 40;
constexpr uint16_t etherVlan = 0x8100, etherQinq = 0x88a8, etherArp = 0x0806;

Value port(const uint8_t* p, Transport transport) { return Value::portOf({be16(p), transport}); }

// The size of the extension header that begins here, where eight bytes are at hand.
size_t extensionSize(uint8_t type, const uint8_t* p) {
  if (type == ip::fragment || type == ip::esp) return 8;
  return type == ip::authentication ? (p[1] + 2) * size_t{4} : (p[1] + 1) * size_t{8};
}

}  // namespace

Value PacketHeaders::listOf(Values values) {
  return Value::listOf(lists_.emplace_back(std::move(values)));
}

Value PacketHeaders::address(const uint8_t* bytes, bool v4) {
  return Value::addrOf(addresses_.emplace_back(v4 ? IpAddr::v4(bytes) : IpAddr::v6(bytes)));
}

Value PacketHeaders::text(Bytes bytes) {
  return Value::textOf({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

Value PacketHeaders::ofPacket(const IpHeader& ip, Bytes packet) {
  Values out(events::pkt_hdr_fields::fieldCount_);
  network(ip, packet, out, events::pkt_hdr_fields::ip);
  return listOf(std::move(out));
}

Value PacketHeaders::ofFrame(const capture::Packet& frame, const IpHeader* ip, Bytes inside) {
  Values out(events::raw_pkt_hdr_fields::fieldCount_);
  out[events::raw_pkt_hdr_fields::l2] = link(frame, ip);
  if (ip != nullptr) network(*ip, inside, out, events::raw_pkt_hdr_fields::ip);
  return listOf(std::move(out));
}

void PacketHeaders::network(const IpHeader& ip, Bytes packet, Values& out, size_t first) {
  enum { v4, v6, tcp, udp, icmp };  // from `first` on, in both records
  const size_t header = std::min<size_t>(ip.headerLength, packet.size());
  if (ip.isV4)
    out[first + v4] = ipv4(packet.data());
  else
    out[first + v6] = ipv6(packet, header);
  if (ip.fragmentOffset != 0) return;
  Bytes segment = packet.subspan(header);
  const uint8_t* p = segment.data();
  if (ip.protocol == ip::tcp && segment.size() >= 20) {
    const uint32_t size = (p[12] >> 4) * 4u, length = ip.payloadLength();
    out[first + tcp] = listOf(
        {port(p, Transport::tcp), port(p + 2, Transport::tcp), Value::count(be32(p + 4)),
         Value::count(be32(p + 8)), Value::count(size), Value::count(std::max(length, size) - size),
         Value::count(p[12] & 15), Value::count(p[13]), Value::count(be16(p + 14))});
  } else if (ip.protocol == ip::udp && segment.size() >= 8) {
    out[first + udp] =
        listOf({port(p, Transport::udp), port(p + 2, Transport::udp), Value::count(be16(p + 4))});
  } else if ((ip.protocol == ip::icmp || ip.protocol == ip::icmpv6) && !segment.empty()) {
    out[first + icmp] = listOf({Value::count(p[0])});
  }
}

Value PacketHeaders::ipv4(const uint8_t* p) {
  const uint16_t fragment = be16(p + 6);
  return listOf({Value::count((p[0] & 15) * 4u), Value::count(p[1]), Value::count(be16(p + 2)),
                 Value::count(be16(p + 4)), Value::of((fragment & 0x4000) != 0),
                 Value::of((fragment & 0x2000) != 0), Value::count(fragment & 0x1fff),
                 Value::count(p[8]), Value::count(p[9]), Value::count(be16(p + 10)),
                 address(p + 12, true), address(p + 16, true)});
}

Value PacketHeaders::ipv6(Bytes packet, size_t end) {
  const uint8_t* p = packet.data();
  Values chain;
  uint8_t type = p[6];
  for (size_t at = ipv6Header; at + 8 <= end;) {
    const size_t size = extensionSize(type, p + at);
    if (at + size > end) break;
    chain.push_back(extension(type, packet.subspan(at, size)));
    type = p[at];
    at += size;
  }
  return listOf({Value::count(be16(p) >> 4 & 0xff), Value::count(be32(p) & 0xfffff),
                 Value::count(be16(p + 4)), Value::count(p[6]), Value::count(p[7]),
                 address(p + 8, false), address(p + 24, false), listOf(std::move(chain))});
}

Value PacketHeaders::options(Bytes header) {
  constexpr uint8_t pad1 = 0;
  Values out;
  for (Bytes rest = header.subspan(2); !rest.empty() && out.size() < maxHeaderOptions;) {
    // The shortest padding is one byte; all others say how long they are.
    const size_t size = rest[0] == pad1 || rest.size() < 2 ? 0 : rest[1];
    Bytes data = rest.subspan(std::min<size_t>(2, rest.size()));
    data = data.first(std::min(size, data.size()));
    if (rest[0] == pad1) data = {};
    out.push_back(listOf({Value::count(rest[0]), Value::count(size), text(data)}));
    rest = rest.subspan(rest[0] == pad1 ? 1 : std::min(size + 2, rest.size()));
  }
  return listOf(std::move(out));
}

Value PacketHeaders::extension(uint8_t type, Bytes header) {
  namespace fields = events::ip6_ext_hdr_fields;
  const uint8_t* p = header.data();
  Values out(fields::fieldCount_);
  out[fields::id] = Value::count(type);
  switch (type) {
    case ip::hopByHop:
    case ip::destinationOptions:
      out[type == ip::hopByHop ? fields::hopopts : fields::dstopts] =
          listOf({Value::count(p[0]), Value::count(p[1]), options(header)});
      break;
    case ip::routing:
      out[fields::routing] = listOf({Value::count(p[0]), Value::count(p[1]), Value::count(p[2]),
                                     Value::count(p[3]), text(header.subspan(4))});
      break;
    case ip::fragment:
      out[fields::fragment] =
          listOf({Value::count(p[0]), Value::count(p[1]), Value::count(be16(p + 2) >> 3),
                  Value::count(be16(p + 2) >> 1 & 3), Value::of((p[3] & 1) != 0),
                  Value::count(be32(p + 4))});
      break;
    case ip::authentication: {
      // Sequence number and check value come with a longer header only (RFC 2402 had others).
      const bool longer = header.size() >= 12;
      out[fields::ah] =
          listOf({Value::count(p[0]), Value::count(p[1]), Value::count(be16(p + 2)),
                  Value::count(be32(p + 4)), longer ? Value::count(be32(p + 8)) : Value(),
                  longer ? text(header.subspan(12)) : Value()});
      break;
    }
    case ip::esp:
      out[fields::esp] = listOf({Value::count(be32(p)), Value::count(be32(p + 4))});
      break;
    case ip::mobility: {
      Values message(events::ip6_mobility_msg_fields::fieldCount_);
      message[events::ip6_mobility_msg_fields::id] = Value::count(p[2]);
      out[fields::mobility] =
          listOf({Value::count(p[0]), Value::count(p[1]), Value::count(p[2]), Value::count(p[3]),
                  Value::count(be16(p + 4)), listOf(std::move(message))});
      break;
    }
    default:
      break;
  }
  return listOf(std::move(out));
}

Value PacketHeaders::link(const capture::Packet& frame, const IpHeader* ip) {
  namespace fields = events::l2_hdr_fields;
  namespace encaps = events::link_encap_values;
  namespace protocols = events::layer3_proto_values;
  Values out(fields::fieldCount_);
  uint16_t type = 0;
  out[fields::encap] = Value::enumOf(encaps::LINK_UNKNOWN);
  out[fields::len] = Value::count(frame.wireLength);
  out[fields::cap_len] = Value::count(frame.data.size());
  if (frame.linkType == linkEthernet && frame.data.size() >= ethernetHeader) {
    const uint8_t* p = frame.data.data();
    auto mac = [&](const uint8_t* bytes) {
      MacAddr address;
      std::copy_n(bytes, address.bytes.size(), address.bytes.begin());
      return Value::textOf(texts_.emplace_back(address.text()));
    };
    out[fields::encap] = Value::enumOf(encaps::LINK_ETHERNET);
    out[fields::dst] = mac(p);
    out[fields::src] = mac(p + 6);
    type = be16(p + 12);
    size_t at = ethernetHeader;
    for (uint16_t first : {uint16_t{fields::vlan}, uint16_t{fields::inner_vlan}}) {
      if ((type != etherVlan && type != etherQinq) || frame.data.size() < at + tagSize) break;
      const uint16_t tag = be16(p + at);
      out[first] = Value::count(tag & 0xfff);
      out[first + 1] = Value::count(tag >> 13);         // its priority
      out[first + 2] = Value::of((tag & 0x1000) != 0);  // may be dropped
      type = be16(p + at + 2);
      at += tagSize;
    }
    out[fields::eth_type] = Value::count(type);
  }
  out[fields::proto] =
      Value::enumOf(ip != nullptr      ? (ip->isV4 ? protocols::L3_IPV4 : protocols::L3_IPV6)
                    : type == etherArp ? protocols::L3_ARP
                                       : protocols::L3_UNKNOWN);
  return listOf(std::move(out));
}

}  // namespace bulkhead::flow
