#include "common/net-types.h"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>

namespace bulkhead {

IpAddr IpAddr::v4(uint32_t hostOrder) {
  uint8_t b[4] = {static_cast<uint8_t>(hostOrder >> 24), static_cast<uint8_t>(hostOrder >> 16),
                  static_cast<uint8_t>(hostOrder >> 8), static_cast<uint8_t>(hostOrder)};
  return v4(b);
}

IpAddr IpAddr::v4(const uint8_t* fourBytes) {
  IpAddr a;
  a.bytes[10] = a.bytes[11] = 0xff;
  std::memcpy(&a.bytes[12], fourBytes, 4);
  return a;
}

IpAddr IpAddr::v6(const uint8_t* sixteenBytes) {
  IpAddr a;
  std::memcpy(a.bytes.data(), sixteenBytes, 16);
  return a;
}

std::optional<IpAddr> IpAddr::parse(std::string_view text) {
  if (text.size() > INET6_ADDRSTRLEN) return std::nullopt;
  std::string zeroTerminated(text);
  if (zeroTerminated.size() != std::strlen(zeroTerminated.c_str())) return std::nullopt;
  uint8_t raw[16];
  if (inet_pton(AF_INET, zeroTerminated.c_str(), raw) == 1) return v4(raw);
  if (inet_pton(AF_INET6, zeroTerminated.c_str(), raw) == 1) return v6(raw);
  return std::nullopt;
}

uint32_t IpAddr::v4HostOrder() const {
  return static_cast<uint32_t>(bytes[12]) << 24 | static_cast<uint32_t>(bytes[13]) << 16 |
         static_cast<uint32_t>(bytes[14]) << 8 | bytes[15];
}

IpAddr IpAddr::masked(int bits) const {
  IpAddr out = *this;
  int keep = isV4() ? bits + 96 : bits;
  for (int i = 0; i < 16; ++i) {
    int inByte = keep - i * 8;
    if (inByte >= 8) continue;
    out.bytes[i] &= inByte <= 0 ? 0 : static_cast<uint8_t>(0xff << (8 - inByte));
  }
  return out;
}

std::string IpAddr::text() const {
  char buffer[INET6_ADDRSTRLEN];
  if (isV4())
    inet_ntop(AF_INET, &bytes[12], buffer, sizeof buffer);
  else
    inet_ntop(AF_INET6, bytes.data(), buffer, sizeof buffer);
  // An IPv4-translated address (RFC 2765) shows the IPv4 address that it stands for.
  constexpr uint8_t translated[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0};
  if (std::equal(std::begin(translated), std::end(translated), bytes.begin())) {
    char inner[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &bytes[12], inner, sizeof inner);
    return std::string("::ffff:0:") + inner;
  }
  return buffer;
}

std::optional<Subnet> Subnet::parse(std::string_view text) {
  auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  auto address = IpAddr::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  std::string_view digits = text.substr(slash + 1);
  unsigned width = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), width);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  // In IPv6's notation the width counts all 128 bits, of a mapped IPv4 address too.
  if (address->isV4() && text.substr(0, slash).find(':') != std::string_view::npos) {
    constexpr unsigned mapped = 96;
    if (width > 128) return std::nullopt;
    if (width >= mapped) {
      width -= mapped;
    } else {
      for (unsigned bit = width; bit < 128; ++bit)
        address->bytes[bit / 8] &= static_cast<uint8_t>(~(0x80 >> bit % 8));
      return Subnet{*address, static_cast<uint8_t>(width)};
    }
  }
  if (width > (address->isV4() ? 32u : 128u)) return std::nullopt;
  return Subnet{address->masked(static_cast<int>(width)), static_cast<uint8_t>(width)};
}

bool Subnet::contains(const IpAddr& address) const {
  // A v4 address never lies in a v6 prefix wider than the mapped block, nor the other way round.
  if (address.isV4() != prefix.isV4()) {
    if (prefix.isV4() || width > 96) return false;
  }
  int bits = width128();
  int whole = bits / 8;
  if (std::memcmp(address.bytes.data(), prefix.bytes.data(), static_cast<size_t>(whole)) != 0)
    return false;
  int rest = bits % 8;
  if (rest == 0) return true;
  auto mask = static_cast<uint8_t>(0xff << (8 - rest));
  return (address.bytes[whole] & mask) == (prefix.bytes[whole] & mask);
}

std::string Subnet::text() const { return prefix.text() + "/" + std::to_string(width); }

std::string MacAddr::text() const {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(17);
  for (uint8_t byte : bytes) {
    if (!out.empty()) out += ':';
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

std::string_view transportName(Transport transport) {
  switch (transport) {
    case Transport::tcp:
      return "tcp";
    case Transport::udp:
      return "udp";
    case Transport::icmp:
      return "icmp";
    case Transport::unknown:
      break;
  }
  return "unknown";
}

std::string Port::text() const {
  return std::to_string(number) + "/" + std::string(transportName(transport));
}

}  // namespace bulkhead
