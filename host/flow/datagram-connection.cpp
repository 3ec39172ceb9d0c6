#include "host/flow/datagram-connection.h"

#include "host/flow/byte-order.h"
#include "host/flow/checksum.h"
#include "host/flow/icmp-messages.h"

#include <algorithm>

namespace bulkhead::flow {

using events::EventId;
using events::Value;

namespace {

enum HistoryMark : uint32_t { markOrigData = 0x1, markRespData = 0x2 };

struct Pair {
  uint8_t one, other;
};
// RFC 792, RFC 950, RFC 1256.
constexpr Pair answers4[] = {{8, 0}, {13, 14}, {15, 16}, {10, 9}, {17, 18}};
// RFC 4443, RFC 4861, RFC 2710, RFC 4620, RFC 6275.
constexpr Pair answers6[] = {{128, 129}, {133, 134}, {135, 136},
                             {130, 131}, {139, 140}, {144, 145}};

}  // namespace

uint16_t icmpCounterpart(bool v6, uint8_t type, uint8_t code, bool& oneWay) {
  oneWay = false;
  for (Pair pair : v6 ? std::span<const Pair>(answers6) : std::span<const Pair>(answers4)) {
    if (pair.one == type) return pair.other;
    if (pair.other == type) return pair.one;
  }
  oneWay = true;
  return code;
}

void DatagramConnection::start() {
  switch (transport()) {
    case Transport::udp:
      enableStatusUpdates();
      setInactivityTimeout(env_.options.udpInactivityTimeout);
      break;
    case Transport::icmp:
      enableStatusUpdates();
      setInactivityTimeout(env_.options.icmpInactivityTimeout);
      break;
    default:
      setInactivityTimeout(env_.options.unknownIpInactivityTimeout);
  }
}

void DatagramConnection::see(bool isOrig, uint64_t bytes) {
  auto& endpoint = isOrig ? state_.orig : state_.resp;
  endpoint.size += bytes;
  endpoint.state = 1;  // UDP_ACTIVE
}

// What was sent stays with the role, while counts of packets move: so Zeek's logs have it.
void DatagramConnection::flipped() {
  std::swap(state_.orig.size, state_.resp.size);
  std::swap(state_.orig.state, state_.resp.state);
}

void DatagramConnection::deliver(bool isOrig, const Segment& segment) {
  switch (transport()) {
    case Transport::udp:
      return deliverUdp(isOrig, segment);
    case Transport::icmp:
      return deliverIcmp(isOrig, segment);
    default:
      state_.lastTime = env_.packetTime;
      count(isOrig, segment);
  }
}

bool DatagramConnection::udpChecksumGood(const Segment& segment) const {
  if (env_.options.ignoreChecksums || segment.captured.size() < segment.length ||
      !segment.wholeFrame)
    return true;
  const bool absent = be16(&segment.captured[6]) == 0;
  if (absent && segment.ip.isV4) return true;
  constexpr uint16_t vxlanPort = 4789;  // RFC 7348 5: zero there, also over IPv6
  if (absent && be16(&segment.captured[2]) == vxlanPort) return true;
  return checksumGood(segment.ip, ip::udp, segment.captured);
}

void DatagramConnection::deliverUdp(bool isOrig, const Segment& segment) {
  if (!udpChecksumGood(segment)) {
    layerWeird("bad_UDP_checksum");
    Bad& bad = isOrig ? badOrig_ : badResp_;
    const uint32_t threshold = bad.threshold;
    if (scaledHistory(isOrig ? 'C' : 'c', bad.count, bad.threshold))
      thresholdEvent(EventId::udp_multiple_checksum_errors, isOrig, threshold);
    return;
  }
  const uint32_t claimed = be16(&segment.captured[4]);
  if (claimed != segment.length)
    layerWeird("UDP_datagram_length_mismatch",
               std::to_string(claimed) + " != " + std::to_string(segment.length));
  Bytes payload = segment.captured.subspan(headerLength);
  const uint32_t length = segment.length - headerLength;
  state_.lastTime = env_.packetTime;
  if (isOrig)
    checkHistory(markOrigData, 'D');
  else
    checkHistory(markRespData, 'd');
  see(isOrig, claimed >= headerLength ? claimed - headerLength : 0);
  raise(isOrig ? EventId::udp_request : EventId::udp_reply);
  // In this order, as Zeek does: an analyzer that turns the roles leaves this packet where it was.
  deliverPacket(isOrig, payload, length);
  count(isOrig, segment);
}

void DatagramConnection::deliverIcmp(bool isOrig, const Segment& segment) {
  const bool whole = segment.captured.size() >= segment.length;
  if (!env_.options.ignoreChecksums && whole) {
    const bool good = segment.ip.protocol == ip::icmpv6
                          ? checksumGood(segment.ip, ip::icmpv6, segment.captured)
                          : checksumGood(segment.captured);
    if (!good) return layerWeird("bad_ICMP_checksum");
  }
  state_.lastTime = env_.packetTime;
  see(isOrig, segment.length - headerLength);
  raiseIcmpEvents(env_.sink, state(), segment.ip, segment.captured, segment.length,
                  [this](const IcmpOddity& oddity) {
                    if (oddity.ofConnection) return layerWeird(oddity.name, oddity.addl);
                    env_.weirds.net(env_.networkTime, oddity.name, oddity.addl, "ICMP");
                  });
  if (whole) {
    count(isOrig, segment);
    deliverPacket(isOrig, segment.captured.subspan(headerLength), segment.length - headerLength);
  }
}

}  // namespace bulkhead::flow
