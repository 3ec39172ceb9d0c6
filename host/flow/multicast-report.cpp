#include "host/flow/multicast-report.h"

#include "host/flow/byte-order.h"

namespace bulkhead::flow {

namespace {

constexpr uint8_t report1 = 131, done1 = 132, report2 = 143;  // ICMPv6 types
constexpr size_t addressBytes = 16;
constexpr size_t recordHeader = 4;  // type, length of the auxiliary data, number of sources

std::string_view cutRecords(unsigned count, Bytes rest) {
  if (rest.size() < count * (recordHeader + addressBytes)) return "truncated_ICMPv6_MLDv2";
  for (; count > 0 && !rest.empty(); --count) {
    if (rest.size() < recordHeader) return "truncated_ICMPv6_MLDv2_record";
    const size_t sources = be16(&rest[2]), auxiliary = size_t{4} * rest[1];
    const size_t length = recordHeader + addressBytes * (1 + sources) + auxiliary;
    if (rest.size() < length) return "truncated_ICMPv6_MLDv2_record";
    rest = rest.subspan(length);
  }
  return {};
}

}  // namespace

std::string_view cutMulticastReport(Bytes header, Bytes rest) {
  switch (header[0]) {
    case report1:
    case done1:
      return rest.size() < addressBytes ? "truncated_ICMPv6_MLDv1" : "";
    case report2:
      return cutRecords(be16(&header[6]), rest);
    default:
      return {};
  }
}

}  // namespace bulkhead::flow
