#pragma once
// Exchanges without a stream: UDP, ICMP and ICMPv6, and IP protocols that nothing here understands.
//
// Owned by the Engine. An ICMP "port" is the message type; the other side's is the type of the
// answer, or the code where there is none. RFC 768, RFC 792, RFC 4443.

#include "host/flow/connection.h"

namespace bulkhead::flow {

// The type that answers `type`; `oneWay` if none does, and then the code comes back.
uint16_t icmpCounterpart(bool v6, uint8_t type, uint8_t code, bool& oneWay);

class DatagramConnection final : public Connection {
 public:
  static constexpr size_t headerLength = 8;  // of UDP and of ICMP

  using Connection::Connection;
  void deliver(bool isOrig, const Segment& segment) override;

 protected:
  void start() override;
  void flipped() override;

 private:
  void deliverUdp(bool isOrig, const Segment& segment);
  void deliverIcmp(bool isOrig, const Segment& segment);
  bool udpChecksumGood(const Segment& segment) const;
  void see(bool isOrig, uint64_t bytes);

  struct Bad {
    uint32_t count = 0, threshold = 1;
  };
  Bad badOrig_, badResp_;
};

}  // namespace bulkhead::flow
