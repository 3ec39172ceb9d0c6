#include "host/flow/ip-header.h"

#include "host/flow/byte-order.h"

namespace bulkhead::flow {

IpHeader parseIpv4(Bytes data) {
  IpHeader h;
  const uint8_t* p = data.data();
  h.start = p;
  h.headerLength = static_cast<uint16_t>((p[0] & 0x0f) * 4);
  h.totalLength = be16(p + 2);
  h.identification = be16(p + 4);
  uint16_t flags = be16(p + 6);
  h.dontFragment = (flags & 0x4000) != 0;
  h.moreFragments = (flags & 0x2000) != 0;
  h.fragmentOffset = static_cast<uint16_t>((flags & 0x1fff) * 8);
  h.isFragment = (flags & 0x3fff) != 0;
  h.ttl = p[8];
  h.protocol = p[9];
  h.source = IpAddr::v4(p + 12);
  h.destination = h.headerDestination = IpAddr::v4(p + 16);
  return h;
}

namespace {

bool isExtension(uint8_t type) {
  switch (type) {
    case ip::hopByHop:
    case ip::routing:
    case ip::destinationOptions:
    case ip::fragment:
    case ip::authentication:
    case ip::esp:
    case ip::mobility:
      return true;
    default:
      return false;
  }
}

// Only called with two bytes at hand.
size_t extensionLength(uint8_t type, const uint8_t* p) {
  switch (type) {
    case ip::fragment:
    case ip::esp:
      return 8;
    case ip::authentication:
      return 8 + 4 * size_t{p[1]};
    default:
      return 8 + 8 * size_t{p[1]};
  }
}

void readRouting(Bytes header, IpHeader& h, bool& haveDestination, HeaderOddities& oddities) {
  if (haveDestination) {
    oddities.push_back({"multiple_routing_headers"});
    return;
  }
  const uint8_t units = header[1], type = header[2], segmentsLeft = header[3];
  auto lastAddress = [&] { return IpAddr::v6(header.data() + header.size() - 16); };
  switch (type) {
    case 0:  // deprecated by RFC 5095, hence always odd
      if (segmentsLeft > 0 && units >= 2) {
        if (units % 2 == 0) {
          h.destination = lastAddress();
          haveDestination = true;
        } else {
          oddities.push_back({"odd_routing0_len"});
        }
      }
      oddities.push_back({"routing0_hdr"});
      break;
    case 2:  // RFC 6275 6.4
      if (segmentsLeft == 0) break;
      if (units == 2) {
        h.destination = lastAddress();
        haveDestination = true;
      } else {
        oddities.push_back({"bad_routing2_len"});
      }
      break;
    default:
      oddities.push_back({"unknown_routing_type", type, true});
  }
}

void readDestinationOptions(Bytes header, IpHeader& h, bool& haveSource, HeaderOddities& oddities) {
  constexpr uint8_t pad1 = 0, homeAddress = 201;
  Bytes rest = header.subspan(2);
  while (!rest.empty()) {
    if (rest[0] == pad1) {
      rest = rest.subspan(1);
      continue;
    }
    if (rest.size() < 2 || rest.size() < 2 + size_t{rest[1]}) {
      oddities.push_back({"bad_ipv6_dest_opt_len"});
      return;
    }
    if (rest[0] == homeAddress) {
      if (rest[1] != 16) {
        oddities.push_back({"bad_home_addr_len"});
      } else if (haveSource) {
        oddities.push_back({"multiple_home_addr_opts"});
      } else {
        h.source = IpAddr::v6(&rest[2]);
        haveSource = true;
      }
    }
    rest = rest.subspan(2 + size_t{rest[1]});
  }
}

}  // namespace

IpHeader parseIpv6(Bytes data, HeaderOddities& oddities, int replaceFragment) {
  IpHeader h;
  const uint8_t* p = data.data();
  h.start = p;
  h.isV4 = false;
  h.totalLength = be16(p + 4) + 40u;
  h.ttl = p[7];
  h.flowLabel = be32(p) & 0x000fffff;
  h.source = IpAddr::v6(p + 8);
  h.destination = h.headerDestination = IpAddr::v6(p + 24);
  h.lastHeader = ip::ipv6;
  h.headerLength = 40;
  h.protocol = p[6];

  bool haveSource = false, haveDestination = false;
  size_t at = 40;
  while (true) {
    if (replaceFragment >= 0 && h.protocol == ip::fragment)
      h.protocol = static_cast<uint8_t>(replaceFragment);
    if (!isExtension(h.protocol) || data.size() - at < 2) break;
    const uint8_t type = h.protocol;
    const size_t length = extensionLength(type, p + at);
    if (length > data.size() - at || at + length > UINT16_MAX) break;  // cut off: not in the chain
    Bytes header = data.subspan(at, length);
    ++h.headers;
    h.lastHeader = type;
    h.protocol = type == ip::esp ? static_cast<uint8_t>(ip::noNext) : header[0];
    at += length;
    h.headerLength = static_cast<uint16_t>(at);
    if (type == ip::routing) readRouting(header, h, haveDestination, oddities);
    if (type == ip::destinationOptions) readDestinationOptions(header, h, haveSource, oddities);
    if (type == ip::fragment) {
      uint16_t field = be16(header.data() + 2);
      h.isFragment = true;
      h.fragmentOffset = field & 0xfff8;
      h.moreFragments = field & 1;
      h.identification = be32(header.data() + 4);
    }
    if (type == ip::fragment || type == ip::esp || type == ip::mobility) break;
  }
  return h;
}

}  // namespace bulkhead::flow
