#pragma once
// Log rows and descriptors between their plain form (common/log-value.h) and the wire (rows.capnp).
//
// Both sides of the boundary link this. Writing cannot fail. Reading is for hostile input: it
// checks kinds, sizes and nesting and answers what is wrong; Cap'n Proto itself throws
// kj::Exception for malformed pointers and past the traversal limit.

#include "common/log-value.h"
#include "schemas/rows.capnp.h"

#include <string>
#include <vector>

namespace bulkhead::wire {

void writeAddress(schemas::Address::Builder to, const IpAddr& from);
IpAddr readAddress(schemas::Address::Reader from);
uint32_t packPort(Port port);
Port unpackPort(uint32_t packed);

void write(schemas::Value::Builder to, const LogValue& from);
void write(schemas::LogDescriptor::Builder to, uint32_t id, const LogDescriptor& from);

// Each answers "" or what is wrong.
[[nodiscard]] std::string read(schemas::LogDescriptor::Reader from, LogDescriptor& to);
[[nodiscard]] std::string read(capnp::List<schemas::Value>::Reader from,
                               const std::vector<LogColumn>& columns, std::vector<LogValue>& to);

}  // namespace bulkhead::wire
