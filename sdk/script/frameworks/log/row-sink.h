#pragma once
// Where the rows of a compartment's logs go: to the host over RPC, to a file, to a test.
//
// Called on the Vm's thread from inside a running script; must not call back into the Vm. The sink
// outlives the Vm. Nothing here waits: a sink that cannot keep up queues or drops by its own rules.

#include "common/log-value.h"

#include <cstdint>
#include <vector>

namespace bulkhead::frameworks {

class RowSink {
 public:
  virtual ~RowSink() = default;
  // Announces a log; `id` counts from 1 and names it in every row. Once per id.
  virtual void openLog(uint32_t id, const LogDescriptor& descriptor) = 0;
  // One value per column of the descriptor.
  // `identity`: schemas/rows.capnp.
  virtual void write(uint32_t id, LogRowKind kind, std::vector<LogValue> row, const LogCause& cause,
                     uint64_t identity) = 0;
  virtual void setBuffered(uint32_t /*id*/, bool /*buffered*/) {}
  virtual void flush(uint32_t /*id*/) {}
};

}  // namespace bulkhead::frameworks
