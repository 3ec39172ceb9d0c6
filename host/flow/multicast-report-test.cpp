#include "host/flow/multicast-report.h"

#include <gtest/gtest.h>
#include <vector>

namespace bulkhead::flow {
namespace {

using Buffer = std::vector<uint8_t>;

Buffer header(uint8_t type, uint8_t records) { return {type, 0, 0, 0, 0, 0, 0, records}; }

// One record as RFC 3810 5.2 draws it.
Buffer record(uint8_t sources, uint8_t auxiliaryWords) {
  Buffer out{4, auxiliaryWords, 0, sources};
  out.resize(4 + 16 + size_t{16} * sources + size_t{4} * auxiliaryWords);
  return out;
}

Buffer operator+(Buffer one, const Buffer& other) {
  one.insert(one.end(), other.begin(), other.end());
  return one;
}

Buffer shorter(Buffer from) {
  from.pop_back();
  return from;
}

TEST(MulticastReport, ARecordWithSourcesAndAuxiliaryDataJustFits) {
  auto two = record(3, 2) + record(0, 0);
  EXPECT_EQ(cutMulticastReport(header(143, 2), two), "");
  EXPECT_EQ(cutMulticastReport(header(143, 2), record(0, 0) + shorter(record(3, 2))),
            "truncated_ICMPv6_MLDv2_record");
}

TEST(MulticastReport, FewerBytesThanRecordsNeedAtLeastAreToldForTheWhole) {
  EXPECT_EQ(cutMulticastReport(header(143, 2), record(0, 0) + record(0, 0)), "");
  EXPECT_EQ(cutMulticastReport(header(143, 2), record(0, 0) + shorter(record(0, 0))),
            "truncated_ICMPv6_MLDv2");
}

TEST(MulticastReport, ARecordThatTakesTheOthersRoomLeavesNoHeaderForTheNext) {
  // 40 bytes for two records, of which the first takes 36, 38 or all.
  EXPECT_EQ(cutMulticastReport(header(143, 2), record(1, 0) + Buffer(4)),
            "truncated_ICMPv6_MLDv2_record");
  EXPECT_EQ(cutMulticastReport(header(143, 2), record(1, 0) + Buffer(4) + Buffer(15)),
            "truncated_ICMPv6_MLDv2_record");
  EXPECT_EQ(cutMulticastReport(header(143, 2), record(1, 1)), "");
}

TEST(MulticastReport, TheFirstVersionNeedsItsAddress) {
  for (uint8_t type : {131, 132}) {
    EXPECT_EQ(cutMulticastReport(header(type, 0), Buffer(16)), "");
    EXPECT_EQ(cutMulticastReport(header(type, 0), Buffer(15)), "truncated_ICMPv6_MLDv1");
  }
  EXPECT_EQ(cutMulticastReport(header(128, 9), {}), "");
}

}  // namespace
}  // namespace bulkhead::flow
