#include "sdk/script/builtins/packet-headers.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <netinet/in.h>

namespace bulkhead::builtins {

namespace {

constexpr uint32_t linkEthernet = 1, linkRaw = 12, linkRawToo = 101;
constexpr uint16_t typeIpv4 = 0x0800, typeIpv6 = 0x86dd, typeArp = 0x0806, typeVlan = 0x8100,
                   typeQinq = 0x88a8;
constexpr int maxExtensions = 16;

// Numbers in network order; nought past the end, which `holds` tells.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}
  bool holds(size_t size) const { return bytes_.size() >= size; }
  size_t size() const { return bytes_.size(); }
  uint64_t number(size_t at, size_t size) const {
    uint64_t out = 0;
    for (size_t i = at; i < at + size; ++i)
      out = out << 8 | (i < bytes_.size() ? static_cast<uint8_t>(bytes_[i]) : 0);
    return out;
  }
  std::string_view part(size_t at, size_t size) const {
    return at > bytes_.size() ? std::string_view() : bytes_.substr(at, size);
  }
  Bytes from(size_t at) const { return Bytes(part(at, std::string_view::npos)); }
  std::string_view view() const { return bytes_; }

 private:
  std::string_view bytes_;
};

std::string macText(std::string_view mac) {
  std::string out;
  for (char c : mac) {
    char hex[4];
    std::snprintf(hex, sizeof hex, "%s%02x", out.empty() ? "" : ":", static_cast<uint8_t>(c));
    out += hex;
  }
  return out;
}

struct LinkHeader {
  bool ethernet = false;
  uint16_t type = 0;
  std::vector<uint16_t> tags;  // VLAN, from the outside
  size_t size = 0;
};

LinkHeader readLink(const Bytes& frame, uint32_t linkType) {
  LinkHeader out;
  if (linkType == linkRaw || linkType == linkRawToo) {
    out.type = frame.number(0, 1) >> 4 == 6 ? typeIpv6 : typeIpv4;
    return out;
  }
  if (linkType != linkEthernet || !frame.holds(14)) return out;
  out.ethernet = true;
  out.size = 14;
  out.type = static_cast<uint16_t>(frame.number(12, 2));
  while ((out.type == typeVlan || out.type == typeQinq) && out.tags.size() < 2 &&
         frame.holds(out.size + 4)) {
    out.tags.push_back(static_cast<uint16_t>(frame.number(out.size, 2)));
    out.type = static_cast<uint16_t>(frame.number(out.size + 2, 2));
    out.size += 4;
  }
  return out;
}

// What lies behind the IP headers; empty in a fragment that is not the first one.
struct Transported {
  uint8_t protocol = 0;
  std::string_view bytes;
  uint64_t length = 0;  // as the IP header says
};

IpAddr v6Address(std::string_view bytes) {
  return IpAddr::v6(reinterpret_cast<const uint8_t*>(bytes.data()));
}

// Behind the extension headers; each is shown to visit(protocol, its bytes).
template <typename Visit>
Transported transportedBy6(const Bytes& ip, Visit visit) {
  Transported out;
  if (!ip.holds(40)) return out;
  auto next = static_cast<uint8_t>(ip.number(6, 1));
  uint64_t left = ip.number(4, 2);
  size_t at = 40;
  for (int i = 0; i < maxExtensions; ++i) {
    bool known = next == IPPROTO_HOPOPTS || next == IPPROTO_DSTOPTS || next == IPPROTO_ROUTING ||
                 next == IPPROTO_FRAGMENT;
    if (!known || !ip.holds(at + 8)) break;
    size_t size = next == IPPROTO_FRAGMENT ? 8 : (ip.number(at + 1, 1) + 1) * 8;
    if (!ip.holds(at + size) || size > left) return out;
    visit(next, ip.part(at, size));
    bool laterFragment = next == IPPROTO_FRAGMENT && ip.number(at + 2, 2) >> 3 != 0;
    next = static_cast<uint8_t>(ip.number(at, 1));
    at += size;
    left -= size;
    if (laterFragment) return out;
  }
  return {next, ip.part(at, std::string_view::npos), left};
}

Transported transportedBy4(const Bytes& ip) {
  size_t header = (ip.number(0, 1) & 15) * 4;
  if (!ip.holds(20) || header < 20 || !ip.holds(header)) return {};
  if ((ip.number(6, 2) & 0x1fff) != 0) return {};
  uint64_t length = ip.number(2, 2);
  return {static_cast<uint8_t>(ip.number(9, 1)), ip.part(header, std::string_view::npos),
          length > header ? length - header : 0};
}

Transported transportedBy(const Bytes& ip, uint16_t type) {
  if (type == typeIpv6) return transportedBy6(ip, [](uint8_t, std::string_view) {});
  return type == typeIpv4 ? transportedBy4(ip) : Transported{};
}

size_t tcpHeaderSize(const Bytes& tcp) { return (tcp.number(12, 1) >> 4) * 4; }

class Filler {
 public:
  Filler(NativeCall& call, const types::Type* type) : call_(call), out_(call, type) {}

  Ref<vm::RecordObject> fill(const TrafficView::RawPacket& packet) {
    if (!out_) return {};
    Bytes frame(packet.bytes);
    LinkHeader link = readLink(frame, packet.linkType);
    fillLink(packet, frame, link);
    Bytes ip = frame.from(link.size);
    Transported inner;
    if (link.type == typeIpv4 && ip.holds(20)) {
      fill4(ip);
      inner = transportedBy4(ip);
    } else if (link.type == typeIpv6 && ip.holds(40)) {
      inner = fill6(ip);
    }
    fillTransport(inner);
    return call_.failed() ? Ref<vm::RecordObject>() : out_.take();
  }

 private:
  void put(RecordBuilder& into, std::string_view field, RecordBuilder& part) {
    if (!call_.failed()) into.set(field, part.take().take());
  }
  void named(RecordBuilder& into, std::string_view field, std::string_view value) {
    const auto* entry = into.typeOf(field)->asEnum().findName(value);
    into.set(field, Slot::ofInt(entry != nullptr ? entry->value : 0));
  }

  void fillLink(const TrafficView::RawPacket& packet, const Bytes& frame, const LinkHeader& link) {
    RecordBuilder l2(call_, out_.typeOf("l2"));
    if (!l2) return;
    named(l2, "encap", link.ethernet ? "LINK_ETHERNET" : "LINK_UNKNOWN");
    l2.count("len", packet.length);
    l2.count("cap_len", packet.captureLength);
    if (link.ethernet) {
      l2.text("dst", macText(frame.part(0, 6)));
      l2.text("src", macText(frame.part(6, 6)));
      l2.count("eth_type", link.type);
    }
    for (size_t i = 0; i < link.tags.size(); ++i) {
      std::string name = i == 0 ? "vlan" : "inner_vlan";
      l2.count(name, link.tags[i] & 0xfff);
      l2.count(name + "_pcp", link.tags[i] >> 13);
      l2.boolean(name + "_dei", (link.tags[i] & 0x1000) != 0);
    }
    named(l2, "proto",
          link.type == typeIpv4   ? "L3_IPV4"
          : link.type == typeIpv6 ? "L3_IPV6"
          : link.type == typeArp  ? "L3_ARP"
                                  : "L3_UNKNOWN");
    put(out_, "l2", l2);
  }

  void fill4(const Bytes& ip) {
    RecordBuilder to(call_, out_.typeOf("ip"));
    if (!to) return;
    uint64_t fragment = ip.number(6, 2);
    to.count("hl", (ip.number(0, 1) & 15) * 4);
    to.count("tos", ip.number(1, 1));
    to.count("len", ip.number(2, 2));
    to.count("id", ip.number(4, 2));
    to.boolean("DF", (fragment & 0x4000) != 0);
    to.boolean("MF", (fragment & 0x2000) != 0);
    to.count("offset", fragment & 0x1fff);
    to.count("ttl", ip.number(8, 1));
    to.count("p", ip.number(9, 1));
    to.count("sum", ip.number(10, 2));
    to.set("src", call_.heap().addr(IpAddr::v4(static_cast<uint32_t>(ip.number(12, 4)))));
    to.set("dst", call_.heap().addr(IpAddr::v4(static_cast<uint32_t>(ip.number(16, 4)))));
    put(out_, "ip", to);
  }

  Transported fill6(const Bytes& ip) {
    RecordBuilder to(call_, out_.typeOf("ip6"));
    if (!to) return {};
    to.count("class", ip.number(0, 2) >> 4 & 0xff);
    to.count("flow", ip.number(0, 4) & 0xfffff);
    to.count("len", ip.number(4, 2));
    to.count("nxt", ip.number(6, 1));
    to.count("hlim", ip.number(7, 1));
    to.set("src", call_.heap().addr(v6Address(ip.part(8, 16))));
    to.set("dst", call_.heap().addr(v6Address(ip.part(24, 16))));
    auto chain = Ref<vm::VectorObject>::adopt(call_.heap().vector(&to.typeOf("exts")->asVector()));
    Transported inner = transportedBy6(
        ip, [&](uint8_t id, std::string_view bytes) { addExtension(*chain, id, Bytes(bytes)); });
    to.set("exts", chain.take());
    put(out_, "ip6", to);
    return inner;
  }

  void addExtension(vm::VectorObject& chain, uint8_t id, const Bytes& bytes) {
    RecordBuilder extension(call_, chain.type->element());
    if (!extension) return;
    extension.count("id", id);
    if (id == IPPROTO_ROUTING) {
      RecordBuilder routing(call_, extension.typeOf("routing"));
      if (!routing) return;
      routing.count("nxt", bytes.number(0, 1));
      routing.count("len", bytes.number(1, 1));
      routing.count("rtype", bytes.number(2, 1));
      routing.count("segleft", bytes.number(3, 1));
      routing.text("data", bytes.part(4, std::string_view::npos));
      put(extension, "routing", routing);
    } else if (id == IPPROTO_FRAGMENT) {
      RecordBuilder fragment(call_, extension.typeOf("fragment"));
      if (!fragment) return;
      fragment.count("nxt", bytes.number(0, 1));
      fragment.count("rsv1", bytes.number(1, 1));
      fragment.count("offset", bytes.number(2, 2) >> 3);
      fragment.count("rsv2", bytes.number(2, 2) >> 1 & 3);
      fragment.boolean("more", (bytes.number(2, 2) & 1) != 0);
      fragment.count("id", bytes.number(4, 4));
      put(extension, "fragment", fragment);
    } else {
      addOptions(extension, id == IPPROTO_HOPOPTS ? "hopopts" : "dstopts", bytes);
    }
    if (!call_.failed() && !chain.append(extension.take().take())) call_.fail(outOfMemory);
  }

  void addOptions(RecordBuilder& extension, std::string_view field, const Bytes& bytes) {
    RecordBuilder to(call_, extension.typeOf(field));
    if (!to) return;
    to.count("nxt", bytes.number(0, 1));
    to.count("len", bytes.number(1, 1));
    auto options =
        Ref<vm::VectorObject>::adopt(call_.heap().vector(&to.typeOf("options")->asVector()));
    for (size_t at = 2; at < bytes.size();) {
      uint64_t type = bytes.number(at, 1);
      // Type 0 is one byte of padding; the others say their length.
      size_t size = type == 0 ? 0 : bytes.number(at + 1, 1);
      RecordBuilder option(call_, options->type->element());
      if (!option) return;
      option.count("otype", type);
      option.count("len", size);
      option.text("data", bytes.part(at + 2, size));
      if (call_.failed()) return;
      if (!options->append(option.take().take())) return call_.fail(outOfMemory);
      at += type == 0 ? 1 : 2 + size;
    }
    to.set("options", options.take());
    put(extension, field, to);
  }

  void fillTransport(const Transported& inner) {
    Bytes bytes(inner.bytes);
    auto port = [&](size_t at, Transport transport) {
      return Slot::ofPort(Port{static_cast<uint16_t>(bytes.number(at, 2)), transport});
    };
    if (inner.protocol == IPPROTO_TCP && bytes.holds(20)) {
      RecordBuilder to(call_, out_.typeOf("tcp"));
      if (!to) return;
      size_t header = tcpHeaderSize(bytes);
      to.set("sport", port(0, Transport::tcp));
      to.set("dport", port(2, Transport::tcp));
      to.count("seq", bytes.number(4, 4));
      to.count("ack", bytes.number(8, 4));
      to.count("hl", header);
      to.count("dl", inner.length > header ? inner.length - header : 0);
      to.count("reserved", bytes.number(12, 1) & 15);
      to.count("flags", bytes.number(13, 1));
      to.count("win", bytes.number(14, 2));
      put(out_, "tcp", to);
    } else if (inner.protocol == IPPROTO_UDP && bytes.holds(8)) {
      RecordBuilder to(call_, out_.typeOf("udp"));
      if (!to) return;
      to.set("sport", port(0, Transport::udp));
      to.set("dport", port(2, Transport::udp));
      to.count("ulen", bytes.number(4, 2));
      put(out_, "udp", to);
    } else if ((inner.protocol == IPPROTO_ICMP || inner.protocol == IPPROTO_ICMPV6) &&
               bytes.holds(1)) {
      RecordBuilder to(call_, out_.typeOf("icmp"));
      if (!to) return;
      to.count("icmp_type", bytes.number(0, 1));
      put(out_, "icmp", to);
    }
  }

  NativeCall& call_;
  RecordBuilder out_;
};

}  // namespace

Ref<vm::RecordObject> packetHeaders(NativeCall& call, const TrafficView::RawPacket& packet,
                                    const types::Type* type) {
  return Filler(call, type).fill(packet);
}

std::string_view tcpOptions(const TrafficView::RawPacket& packet) {
  Bytes frame(packet.bytes);
  LinkHeader link = readLink(frame, packet.linkType);
  Transported inner = transportedBy(frame.from(link.size), link.type);
  Bytes tcp(inner.bytes);
  if (inner.protocol != IPPROTO_TCP || !tcp.holds(20)) return {};
  size_t header = tcpHeaderSize(tcp);
  if (header < 20 || !tcp.holds(header)) return {};
  return tcp.part(20, header - 20);
}

}  // namespace bulkhead::builtins
