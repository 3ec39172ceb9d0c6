#pragma once
// Rows of one compartment on their way to the logger.
//
// Worker thread; owned by a Subscriber. Rows come with nearly every short batch, and each message
// wakes the logger: so they are kept until the logger could do something with them (a mark) or has
// to hear of them first (whatever else the compartment sends it), at most relayGatherBytes.

#include "schemas/control.capnp.h"
#include "schemas/rows.capnp.h"

#include <capnp/orphan.h>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace bulkhead::worker {

class RowRelay {
 public:
  RowRelay(schemas::Logger::Client logger, uint32_t compartment);
  ~RowRelay() noexcept(false);
  KJ_DISALLOW_COPY(RowRelay);

  void add(capnp::List<schemas::Row>::Reader rows, size_t bytes);
  size_t bytes() const { return bytes_; }
  bool empty() const { return open_ == nullptr; }
  // Not if empty. The call has left; what is kept is empty again.
  kj::Promise<void> send();

 private:
  struct Open;
  schemas::Logger::Client logger_;
  uint32_t compartment_;
  std::unique_ptr<Open> open_;
  size_t bytes_ = 0;
};

}  // namespace bulkhead::worker
