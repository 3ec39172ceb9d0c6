#pragma once
// Builds frames and captures for tests: what no real sender would send, too.
//
// Plain values, no I/O. Checksums are right unless a test breaks them. Not part of any program.

#include "common/net-types.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::packet_builder {

using Frame = std::vector<uint8_t>;

// Both addresses of one family.
struct Ends {
  IpAddr source, destination;
  uint16_t sourcePort = 0, destinationPort = 0;

  static Ends of(std::string_view source, uint16_t sourcePort, std::string_view destination,
                 uint16_t destinationPort);
  Ends turned() const { return {destination, source, destinationPort, sourcePort}; }
};

enum TcpFlag : uint8_t { fin = 1, syn = 2, rst = 4, psh = 8, ack = 16, urg = 32 };

// Ethernet frames.
Frame tcp(const Ends& ends, uint8_t flags, uint32_t sequence, uint32_t acknowledgement,
          std::string_view payload = {});
Frame udp(const Ends& ends, std::string_view payload);
Frame ip(const Ends& ends, uint8_t protocol, std::string_view payload);

// A capture file's bytes: pcap, Ethernet, little endian.
class PcapFile {
 public:
  explicit PcapFile(bool nanoseconds = false, uint32_t linkType = 1);
  void add(double time, const Frame& frame);
  const std::string& bytes() const { return bytes_; }

 private:
  bool nanoseconds_;
  std::string bytes_;
};

}  // namespace bulkhead::packet_builder
