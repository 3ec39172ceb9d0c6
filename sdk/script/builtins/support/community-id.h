#pragma once
// Community ID v1: a flow's hash that other tools compute alike.
//
// Any thread; pure. Source: github.com/corelight/community-id-spec, version 1.

#include "common/net-types.h"

#include <cstdint>
#include <string>

namespace bulkhead::builtins {

struct CommunityIdFlow {
  IpAddr source, destination;
  uint16_t sourcePort = 0, destinationPort = 0;  // ICMP: type and code (or counter type)
  // The IP protocol's number.
  uint8_t protocol = 0;
  uint16_t seed = 0;
};
enum class CommunityIdForm { base64, hex };
std::string communityIdV1(const CommunityIdFlow& flow, CommunityIdForm form);

}  // namespace bulkhead::builtins
