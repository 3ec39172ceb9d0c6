#pragma once
// What native functions do, as far as pruning asks.

#include <cstdint>
#include <string_view>
#include <vector>

namespace bulkhead::prune {

enum class NativeKind : uint8_t {
  unknown,      // not in the table: anything
  pure,         // looks at its arguments (all the way down) and answers something new
  passing,      // as pure, but what it answers may be, or hold, what it was given
  mutating,     // changes what it was given, and may answer it
  random,       // one more of a sequence
  outside,      // files and commands: changes what the next one finds
  telling,      // passes something to the host, which no script sees again but as an event
  connections,  // looks up a connection: those of which an event was delivered
  files,        // the same for files
  weird,        // raises net_weird, conn_weird, flow_weird or file_weird; keeps count for sampling
  groups,       // switches handlers on and off
  options,      // changes an option, or says what that calls
};

NativeKind kindOf(std::string_view native);

// All that the table has.
std::vector<std::string_view> knownNatives();

}  // namespace bulkhead::prune
