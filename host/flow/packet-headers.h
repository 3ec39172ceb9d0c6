#pragma once
// The headers of a packet as new_packet, ipv6_ext_headers and raw_packet hand them out: Zeek's
// pkt_hdr and raw_pkt_hdr.
//
// Worker thread. Owns what the values point to, and borrows the packet's bytes; both must outlive
// the event. Input is hostile: what is cut short, or behind what contradicts itself, stays unset.
// Costly: build it only where somebody wants it. RFC 791, 8200, 4302, 4303, 6275, 9293, 768; IEEE
// 802.1Q.

#include "host/capture/packet.h"
#include "host/events/value.h"
#include "host/flow/ip-header.h"

#include <deque>
#include <string>
#include <vector>

namespace bulkhead::flow {

// Options that are told of in one extension header; the longest holds 2046 of the shortest kind.
inline constexpr size_t maxHeaderOptions = 1024;

class PacketHeaders {
 public:
  // A pkt_hdr. `packet` begins with the IP header, which `ip` was read from.
  events::Value ofPacket(const IpHeader& ip, Bytes packet);
  // A raw_pkt_hdr. `ip` is null, and `inside` empty, if there is no IP in the frame.
  events::Value ofFrame(const capture::Packet& frame, const IpHeader* ip, Bytes inside);

 private:
  using Values = std::vector<events::Value>;
  events::Value listOf(Values values);
  events::Value address(const uint8_t* bytes, bool v4);
  static events::Value text(Bytes bytes);

  // The fields of both records from the first IP one on.
  void network(const IpHeader& ip, Bytes packet, Values& out, size_t first);
  events::Value ipv4(const uint8_t* header);
  events::Value ipv6(Bytes packet, size_t end);
  events::Value extension(uint8_t type, Bytes header);
  events::Value options(Bytes header);
  events::Value link(const capture::Packet& frame, const IpHeader* ip);

  std::deque<Values> lists_;
  std::deque<IpAddr> addresses_;
  std::deque<std::string> texts_;
};

}  // namespace bulkhead::flow
