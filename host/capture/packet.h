#pragma once
// One captured frame. The bytes belong to the PacketSource that gave it, until its next call.

#include <cstdint>
#include <span>

namespace bulkhead::capture {

struct Packet {
  double time = 0;                // seconds since epoch, as trace time
  uint64_t timeNs = 0;            // the same, exact
  std::span<const uint8_t> data;  // what was captured
  uint32_t wireLength = 0;        // what was on the wire; may be more than data.size()
  int linkType = 1;               // pcap's DLT_ number, e.g. 1 for Ethernet
};

}  // namespace bulkhead::capture
