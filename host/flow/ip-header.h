#pragma once
// An IPv4 or IPv6 header as plain fields, extension headers included.
//
// parse*() never reads past `data`; what a field says about lengths is reported as found, and the
// caller weighs it (Engine names each oddity as Zeek does). RFC 791, RFC 8200, RFC 6275.

#include "common/net-types.h"
#include "host/flow/protocol-analyzer.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace bulkhead::flow {

namespace ip {
enum Protocol : uint8_t {
  hopByHop = 0,
  icmp = 1,
  igmp = 2,
  ipv4 = 4,
  tcp = 6,
  udp = 17,
  ipv6 = 41,
  routing = 43,
  fragment = 44,
  gre = 47,
  esp = 50,
  authentication = 51,
  icmpv6 = 58,
  noNext = 59,
  destinationOptions = 60,
  mobility = 135,
};
}

struct IpHeader {
  const uint8_t* start = nullptr;
  bool isV4 = true;
  bool reassembled = false;
  uint32_t totalLength = 0;   // header and payload; 0 in IPv4: left to segmentation offload
  uint16_t headerLength = 0;  // with extension headers
  uint8_t protocol = 0;       // of the payload
  uint8_t lastHeader = 255;   // IPv6: type of the last header in the chain
  uint8_t ttl = 0;            // or hop limit
  uint8_t headers = 1;        // 1 plus extension headers
  uint32_t flowLabel = 0;
  // As connections see them: a home address or the last hop of a source route where there is one.
  IpAddr source, destination;
  IpAddr headerDestination;  // what stands in the fixed header
  bool isFragment = false, moreFragments = false, dontFragment = false;
  uint16_t fragmentOffset = 0;  // bytes
  uint32_t identification = 0;

  const uint8_t* payload() const { return start + headerLength; }
  // Zero if the total length is left open.
  uint32_t payloadLength() const {
    if (isV4 && totalLength == 0) return 0;
    return totalLength >= headerLength ? totalLength - headerLength : 0;
  }
};

// Oddities of an IPv6 extension header chain, in order: (name, detail).
struct HeaderOddity {
  std::string_view name;
  uint32_t detail = 0;
  bool hasDetail = false;
};
using HeaderOddities = std::vector<HeaderOddity>;

// `data` holds at least 20 bytes.
IpHeader parseIpv4(Bytes data);
// `data` holds at least 40 bytes. `replaceFragment`: in a reassembled packet, the header chain
// continues with this protocol where the fragment header was; -1 for a packet as captured.
IpHeader parseIpv6(Bytes data, HeaderOddities& oddities, int replaceFragment = -1);

}  // namespace bulkhead::flow
