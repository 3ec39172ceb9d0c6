#pragma once
// Peels the link layers off a frame down to IP (or ARP).
//
// Ethernet (II, 802.3 with LLC/SNAP, Novell raw), 802.1Q/802.1ad tags, MPLS, PPPoE, Cisco VNTag and
// FabricPath, provider backbone bridging, PPP, Linux cooked v1/v2, BSD loopback, raw IP, NFLOG,
// FDDI, radiotap and 802.11 (with A-MSDU). One thread, no state, no allocation. The bytes are
// hostile: every length is checked first, and nesting is bounded by the visitor's descend(). The
// names given to weird() are those that Zeek logs
// (https://docs.zeek.org/en/master/frameworks/packet-analysis.html).

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace bulkhead::capture {

// The frame (or the packet inside a tunnel) that is being peeled; updated as layers come off.
struct Frame {
  const uint8_t* start = nullptr;
  size_t captured = 0;
  uint32_t wireLength = 0;
  const uint8_t* sourceMac = nullptr;  // six bytes, or null
  const uint8_t* destinationMac = nullptr;
  std::optional<uint16_t> vlan, innerVlan;
};

class FrameVisitor {
 public:
  virtual ~FrameVisitor() = default;
  // IPv4 or IPv6, told apart by the version field. False: the packet was not understood.
  virtual bool network(Frame& frame, std::span<const uint8_t> packet) = 0;
  virtual bool arp(Frame& frame, std::span<const uint8_t> packet) = 0;
  virtual void frameWeird(Frame& frame, std::string_view name, std::string_view addl,
                          std::string_view layer) = 0;
  // Asked before each step inwards, by the layer's name. False stops: the nesting is too deep.
  virtual bool descend(Frame& frame, std::string_view layer) = 0;
};

// True for the DLT_ numbers that decodeFrame() takes.
bool knownLinkType(int linkType);

// `linkType` as in Packet. Unknown ones are taken for raw IP.
bool decodeFrame(int linkType, Frame& frame, FrameVisitor& visitor);
// An Ethernet frame that starts within `frame` at `data` (the inside of a tunnel).
bool decodeEthernet(Frame& frame, std::span<const uint8_t> data, FrameVisitor& visitor);

}  // namespace bulkhead::capture
