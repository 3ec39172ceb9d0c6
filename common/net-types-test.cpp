#include "common/net-types.h"

#include <gtest/gtest.h>

namespace bulkhead {
namespace {

TEST(IpAddr, KeepsBothFamiliesApartInText) {
  EXPECT_EQ(IpAddr::parse("10.0.0.1")->text(), "10.0.0.1");
  EXPECT_EQ(IpAddr::parse("2001:db8::1")->text(), "2001:db8::1");
  EXPECT_TRUE(IpAddr::parse("10.0.0.1")->isV4());
  EXPECT_FALSE(IpAddr::parse("2001:db8::1")->isV4());
}

TEST(IpAddr, RefusesWhatIsNoAddress) {
  for (auto text : {"", "10.0.0", "10.0.0.256", "::g", "10.0.0.1 ", "[::1]"})
    EXPECT_FALSE(IpAddr::parse(text)) << text;
  EXPECT_FALSE(IpAddr::parse(std::string_view("10.0.0.1\0", 9)));
}

TEST(Subnet, ContainsItsOwnRangeAndNothingBeyond) {
  auto net = *Subnet::parse("192.168.4.0/22");
  EXPECT_TRUE(net.contains(*IpAddr::parse("192.168.7.255")));
  EXPECT_FALSE(net.contains(*IpAddr::parse("192.168.8.0")));
  EXPECT_FALSE(net.contains(*IpAddr::parse("::1")));
}

TEST(Subnet, MasksTheHostPartAway) {
  EXPECT_EQ(Subnet::parse("10.1.2.3/8")->text(), "10.0.0.0/8");
  EXPECT_FALSE(Subnet::parse("10.0.0.0/33"));
  EXPECT_TRUE(Subnet::parse("10.0.0.0/32"));
  EXPECT_FALSE(Subnet::parse("2001:db8::/129"));
}

TEST(Port, OrdersByTransportThenNumber) {
  EXPECT_LT((Port{9000, Transport::tcp}), (Port{53, Transport::udp}));
  EXPECT_EQ((Port{80, Transport::tcp}).text(), "80/tcp");
}

}  // namespace
}  // namespace bulkhead
