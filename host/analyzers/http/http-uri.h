#pragma once
// Percent-decoding of request targets, with what is odd about them reported.
// Source: RFC 3986 section 2.1; the %uXXXX form is JavaScript's escape().

#include "host/flow/protocol-analyzer.h"

#include <string>
#include <string_view>

namespace bulkhead::analyzers::http {

// True for what may stand in a URI unescaped, and for NUL.
bool isUriChar(char c);
std::string unescapeUri(std::string_view uri, flow::ConnectionContext& context);

}  // namespace bulkhead::analyzers::http
