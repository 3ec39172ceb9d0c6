#pragma once
// Whether a multicast listener report (RFC 2710, RFC 3810) holds what it promises.
//
// Pure; any thread.

#include "host/flow/protocol-analyzer.h"

#include <string_view>

namespace bulkhead::flow {

// `header` are the first 8 bytes of an ICMPv6 message, `rest` what follows. The name of the weird,
// empty if there is nothing to say (or the message is no such report).
std::string_view cutMulticastReport(Bytes header, Bytes rest);

}  // namespace bulkhead::flow
