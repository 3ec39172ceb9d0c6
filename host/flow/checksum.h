#pragma once
// The Internet checksum (RFC 1071). A range that contains its own checksum is good if it folds to
// all ones.

#include "common/net-types.h"
#include "host/flow/ip-header.h"
#include "host/flow/protocol-analyzer.h"

#include <cstdint>

namespace bulkhead::flow {

// The IPv4 header or another range without a pseudo header.
bool checksumGood(Bytes data);
// With the pseudo header of RFC 793 3.1 or RFC 8200 8.1, made of the addresses that the connection
// has (the final destination of a source route).
bool checksumGood(const IpHeader& ip, uint8_t protocol, Bytes segment);

}  // namespace bulkhead::flow
