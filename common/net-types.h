#pragma once
// Addresses, ports and subnets as plain values, with Zeek's text forms.
//
// Any thread; no allocation except where a std::string is returned. Bytes are in network order.

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace bulkhead {

// An IPv4 or IPv6 address. IPv4 is stored in the mapped form ::ffff:a.b.c.d, as Zeek compares them.
struct IpAddr {
  std::array<uint8_t, 16> bytes{};

  static IpAddr v4(uint32_t hostOrder);
  static IpAddr v4(const uint8_t* fourBytes);
  static IpAddr v6(const uint8_t* sixteenBytes);
  // Empty if `text` is neither an IPv4 dotted quad nor an RFC 4291 IPv6 address (brackets not
  // taken).
  static std::optional<IpAddr> parse(std::string_view text);

  bool isV4() const {
    static constexpr uint8_t prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return std::memcmp(bytes.data(), prefix, 12) == 0;
  }
  // Only for isV4().
  uint32_t v4HostOrder() const;
  // Keeps the leading `bits` of the address: 0..32 for IPv4, 0..128 for IPv6.
  IpAddr masked(int bits) const;
  // "10.0.0.1" or RFC 5952 text such as "2001:db8::1".
  std::string text() const;

  auto operator<=>(const IpAddr&) const = default;
};

// Zeek's `subnet`. `width` counts from the top of the address in its own family (0..32 or 0..128).
struct Subnet {
  IpAddr prefix;
  uint8_t width = 0;

  static std::optional<Subnet> parse(std::string_view text);
  bool contains(const IpAddr& address) const;
  // The width in the 128-bit form, so that IPv4 and IPv6 prefixes compare in one key space.
  int width128() const { return prefix.isV4() ? width + 96 : width; }
  std::string text() const;

  auto operator<=>(const Subnet&) const = default;
};

// A link-layer address. Text is "aa:bb:cc:dd:ee:ff".
struct MacAddr {
  std::array<uint8_t, 6> bytes{};

  std::string text() const;
  auto operator<=>(const MacAddr&) const = default;
};

enum class Transport : uint8_t { unknown = 0, tcp = 1, udp = 2, icmp = 3 };

// Zeek's `port`: a number and its transport. Text is "80/tcp".
struct Port {
  uint16_t number = 0;
  Transport transport = Transport::unknown;

  std::string text() const;
  // Orders by transport first, then number, as Zeek's comparison of ports does.
  auto operator<=>(const Port& other) const {
    if (auto c = transport <=> other.transport; c != 0) return c;
    return number <=> other.number;
  }
  bool operator==(const Port&) const = default;
};

std::string_view transportName(Transport transport);

}  // namespace bulkhead
