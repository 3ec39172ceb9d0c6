// Addresses, subnets and ports.

#include "sdk/script/builtins/families.h"
#include "sdk/script/builtins/helpers.h"

#include <algorithm>
#include <array>

namespace bulkhead::builtins {

namespace {

uint32_t wordOf(const IpAddr& address, size_t i) {
  uint32_t word = 0;
  for (size_t k = 0; k < 4; ++k) word = word << 8 | address.bytes[i * 4 + k];
  return word;
}

IpAddr ofWords(const std::array<uint32_t, 4>& words) {
  IpAddr out;
  for (size_t i = 0; i < 16; ++i)
    out.bytes[i] = static_cast<uint8_t>(words[i / 4] >> (24 - 8 * (i % 4)));
  return out;
}

// Keeps the first `bits` bits of the 128.
IpAddr masked(const IpAddr& address, unsigned bits) {
  IpAddr out = address;
  for (unsigned i = 0; i < 16; ++i) {
    unsigned keep = bits > i * 8 ? std::min(8U, bits - i * 8) : 0;
    out.bytes[i] = static_cast<uint8_t>(out.bytes[i] & (0xff00U >> keep));
  }
  return out;
}

void isV4Addr(NativeCall& call) { call.returnBool(call.addr(0).isV4()); }
void isV6Addr(NativeCall& call) { call.returnBool(!call.addr(0).isV4()); }
void isV4Subnet(NativeCall& call) { call.returnBool(call.subnet(0).prefix.isV4()); }
void isV6Subnet(NativeCall& call) { call.returnBool(!call.subnet(0).prefix.isV4()); }

void toAddr(NativeCall& call) {
  std::string text(call.text(0));
  // Leading zeroes of dotted parts are decimal here.
  if (text.find(':') == std::string::npos) {
    std::string plain;
    for (size_t i = 0; i < text.size(); ++i) {
      bool starts = i == 0 || text[i - 1] == '.';
      size_t k = i;
      if (starts)
        while (text[k] == '0' && k + 1 < text.size() && text[k + 1] >= '0' && text[k + 1] <= '9')
          ++k;
      i = k;
      plain += text[i];
    }
    text = plain;
  }
  auto address = IpAddr::parse(text);
  if (!address) call.warn("failed converting string to IP address: " + std::string(call.text(0)));
  call.returnAddr(address.value_or(IpAddr{}));
}
void isValidIp(NativeCall& call) { call.returnBool(IpAddr::parse(call.text(0)).has_value()); }
void toSubnet(NativeCall& call) {
  auto subnet = Subnet::parse(call.text(0));
  if (!subnet) call.warn("failed converting string to IP prefix: " + std::string(call.text(0)));
  call.returnSubnet(subnet.value_or(Subnet{}));
}
void isValidSubnet(NativeCall& call) { call.returnBool(Subnet::parse(call.text(0)).has_value()); }

void addrToSubnet(NativeCall& call) {
  Subnet out;
  out.prefix = call.addr(0);
  out.width = out.prefix.isV4() ? 32 : 128;
  call.returnSubnet(out);
}
void subnetToAddr(NativeCall& call) { call.returnAddr(call.subnet(0).prefix); }
void subnetWidth(NativeCall& call) { call.returnCount(call.subnet(0).width); }

void maskAddr(NativeCall& call) {
  IpAddr address = call.addr(0);
  uint64_t width = call.count(1), most = address.isV4() ? 32 : 128;
  if (width > most) {
    call.warn("bad mask_addr() width: " + std::to_string(width));
    width = most;
  }
  Subnet out;
  out.prefix = masked(address, static_cast<unsigned>(width + 128 - most));
  out.width = static_cast<uint8_t>(width);
  call.returnSubnet(out);
}
void remaskAddr(NativeCall& call) {
  IpAddr first = call.addr(0), second = call.addr(1);
  uint64_t bits = call.count(2);
  if (bits > 128) {
    call.warn("bad remask_addr() top bits to keep: " + std::to_string(bits));
    bits = 128;
  }
  IpAddr head = masked(first, static_cast<unsigned>(bits));
  IpAddr gone = masked(second, static_cast<unsigned>(bits));
  for (size_t i = 0; i < 16; ++i)
    head.bytes[i] = static_cast<uint8_t>(head.bytes[i] | (second.bytes[i] ^ gone.bytes[i]));
  call.returnAddr(head);
}

void addrToCounts(NativeCall& call) {
  auto out = resultVector(call);
  IpAddr address = call.addr(0);
  for (size_t i = address.isV4() ? 3 : 0; i < 4; ++i)
    if (!out->append(Slot::ofCount(wordOf(address, i)))) return call.fail(outOfMemory);
  call.returnRef(std::move(out));
}
void countsToAddr(NativeCall& call) {
  vm::VectorObject& counts = call.vector(0);
  if (counts.size == 1)
    return call.returnAddr(IpAddr::v4(static_cast<uint32_t>(counts.data[0].count)));
  if (counts.size == 4) {
    std::array<uint32_t, 4> words{};
    for (size_t i = 0; i < 4; ++i) words[i] = static_cast<uint32_t>(counts.data[i].count);
    return call.returnAddr(ofWords(words));
  }
  call.warn("invalid vector size: expected 1 or 4 counts");
  call.returnAddr(IpAddr{});
}
void countToV4(NativeCall& call) {
  if (call.count(0) > UINT32_MAX) {
    call.warn("conversion of non-IPv4 count to addr");
    return call.returnAddr(IpAddr::v4(uint32_t{0}));
  }
  call.returnAddr(IpAddr::v4(static_cast<uint32_t>(call.count(0))));
}
void rawToAddr(NativeCall& call) {
  std::string_view bytes = call.text(0);
  if (bytes.size() == 4) {
    uint32_t word = 0;
    for (char c : bytes) word = word << 8 | static_cast<uint8_t>(c);
    return call.returnAddr(IpAddr::v4(word));
  }
  call.warn("raw_bytes_to_v4_addr() takes 4 bytes");
  call.returnAddr(IpAddr::v4(uint32_t{0}));
}
void rawToV6(NativeCall& call) {
  std::string_view bytes = call.text(0);
  IpAddr out{};
  if (bytes.size() == out.bytes.size())
    std::copy(bytes.begin(), bytes.end(), out.bytes.begin());
  else
    call.warn("raw_bytes_to_v6_addr() takes 16 bytes");
  call.returnAddr(out);
}
void addrToPtrName(NativeCall& call) {
  IpAddr address = call.addr(0);
  std::string out;
  if (address.isV4()) {
    for (size_t i = 16; i-- > 12;) out += std::to_string(address.bytes[i]) + ".";
    return call.returnText(out + "in-addr.arpa");
  }
  static constexpr char digits[] = "0123456789abcdef";
  for (size_t i = 16; i-- > 0;) {
    out += digits[address.bytes[i] & 15];
    out += '.';
    out += digits[address.bytes[i] >> 4];
    out += '.';
  }
  call.returnText(out + "ip6.arpa");
}

// ---- Ports

std::string_view protocolName(Transport transport) {
  switch (transport) {
    case Transport::tcp:
      return "tcp";
    case Transport::udp:
      return "udp";
    case Transport::icmp:
      return "icmp";
    default:
      return "unknown_transport";
  }
}
void portTransport(NativeCall& call) {
  const auto* entry =
      call.functionType().result()->asEnum().findName(protocolName(call.port(0).transport));
  call.returnEnum(entry ? entry->value : 0);
}
void isTcpPort(NativeCall& call) { call.returnBool(call.port(0).transport == Transport::tcp); }
void isUdpPort(NativeCall& call) { call.returnBool(call.port(0).transport == Transport::udp); }
void isIcmpPort(NativeCall& call) { call.returnBool(call.port(0).transport == Transport::icmp); }
void portToCount(NativeCall& call) { call.returnCount(call.port(0).number); }
void countToPort(NativeCall& call) {
  const auto* entry =
      call.functionType().parameters()[1].type->asEnum().findValue(call.enumeration(1));
  Transport transport = Transport::unknown;
  if (entry != nullptr)
    for (Transport t : {Transport::tcp, Transport::udp, Transport::icmp})
      if (entry->name == protocolName(t)) transport = t;
  if (call.count(0) > 65535) {
    call.warn("bad port number: " + std::to_string(call.count(0)));
    return call.returnPort(Port{0, transport});
  }
  call.returnPort(Port{static_cast<uint16_t>(call.count(0)), transport});
}
void toPort(NativeCall& call) {
  std::string_view text = call.text(0);
  size_t slash = text.find('/');
  uint32_t number = 0;
  bool good = slash != std::string_view::npos && slash > 0 && slash <= 5;
  for (size_t i = 0; good && i < slash; ++i) {
    good = text[i] >= '0' && text[i] <= '9';
    number = number * 10 + static_cast<uint32_t>(text[i] - '0');
  }
  if (!good || number > 65535) {
    call.warn("wrong port format, must be /[0-9]{1,5}\\/(tcp|udp|icmp|unknown)/");
    return call.returnPort(Port{0, Transport::unknown});
  }
  for (Transport t : {Transport::tcp, Transport::udp, Transport::icmp})
    if (text.substr(slash + 1) == protocolName(t))
      return call.returnPort(Port{static_cast<uint16_t>(number), t});
  bool unknown = text.substr(slash + 1) == "unknown";
  if (!unknown) call.warn("wrong port format, must be /[0-9]{1,5}\\/(tcp|udp|icmp|unknown)/");
  call.returnPort(Port{static_cast<uint16_t>(unknown ? number : 0), Transport::unknown});
}

constexpr vm::NativeRow rows[] = {
    {"is_v4_addr", "function(a: addr): bool", "Whether it is an IPv4 address.", isV4Addr},
    {"is_v6_addr", "function(a: addr): bool", "Whether it is an IPv6 address.", isV6Addr},
    {"is_v4_subnet", "function(s: subnet): bool", "Whether it is an IPv4 subnet.", isV4Subnet},
    {"is_v6_subnet", "function(s: subnet): bool", "Whether it is an IPv6 subnet.", isV6Subnet},
    {"to_addr", "function(ip: string): addr", "The address of a text; :: if it is none.", toAddr},
    {"is_valid_ip", "function(ip: string): bool", "Whether the text is an address.", isValidIp},
    {"to_subnet", "function(sn: string): subnet", "The subnet of a text; ::/0 if it is none.",
     toSubnet},
    {"is_valid_subnet", "function(cidr: string): bool", "Whether the text is a subnet.",
     isValidSubnet},
    {"addr_to_subnet", "function(a: addr): subnet", "The subnet of this address alone.",
     addrToSubnet},
    {"subnet_to_addr", "function(sn: subnet): addr", "The first address of a subnet.",
     subnetToAddr},
    {"subnet_width", "function(sn: subnet): count", "The number behind the slash.", subnetWidth},
    {"mask_addr", "function(a: addr, top_bits_to_keep: count): subnet",
     "The subnet of that width around an address.", maskAddr},
    {"remask_addr", "function(a1: addr, a2: addr, top_bits_from_a1: count): addr",
     "The first bits (of 128) of one address with the rest of another.", remaskAddr},
    {"addr_to_counts", "function(a: addr): index_vec",
     "The address in words of 32 bits: one for IPv4, four for IPv6.", addrToCounts},
    {"counts_to_addr", "function(v: index_vec): addr", "The reverse of addr_to_counts.",
     countsToAddr},
    {"count_to_v4_addr", "function(ip: count): addr", "The IPv4 address of a number.", countToV4},
    {"raw_bytes_to_v4_addr", "function(b: string): addr",
     "The address of 4 bytes in network order.", rawToAddr},
    {"raw_bytes_to_v6_addr", "function(x: string): addr",
     "The address of 16 bytes in network order.", rawToV6},
    {"addr_to_ptr_name", "function(a: addr): string",
     "The name under which DNS keeps the address's names.", addrToPtrName},
    {"get_port_transport_proto", "function(p: port): transport_proto",
     "The transport protocol of a port.", portTransport},
    {"is_tcp_port", "function(p: port): bool", "Whether it is a TCP port.", isTcpPort},
    {"is_udp_port", "function(p: port): bool", "Whether it is a UDP port.", isUdpPort},
    {"is_icmp_port", "function(p: port): bool", "Whether it stands for an ICMP type or code.",
     isIcmpPort},
    {"port_to_count", "function(p: port): count", "The number of a port.", portToCount},
    {"count_to_port", "function(num: count, proto: transport_proto): port",
     "The port of a number and protocol.", countToPort},
    {"to_port", "function(s: string): port",
     "The port of a text such as \"53/udp\"; 0/unknown if it is none.", toPort},
};

}  // namespace

Rows addressRows() { return rows; }

}  // namespace bulkhead::builtins
