#include "host/worker/row-relay.h"

#include <kj/debug.h>

#include <utility>
#include <vector>

namespace bulkhead::worker {

struct RowRelay::Open {
  capnp::StreamingRequest<schemas::Logger::WriteRowsParams> request;
  std::vector<capnp::Orphan<capnp::List<schemas::Row>>> batches;
};

RowRelay::RowRelay(schemas::Logger::Client logger, uint32_t compartment)
    : logger_(kj::mv(logger)), compartment_(compartment) {}

RowRelay::~RowRelay() noexcept(false) = default;

void RowRelay::add(capnp::List<schemas::Row>::Reader rows, size_t bytes) {
  if (open_ == nullptr) open_ = std::make_unique<Open>(Open{logger_.writeRowsRequest(), {}});
  auto orphanage = capnp::Orphanage::getForMessageContaining(
      schemas::Logger::WriteRowsParams::Builder(open_->request));
  open_->batches.push_back(orphanage.newOrphanCopy(rows));
  bytes_ += bytes;
}

kj::Promise<void> RowRelay::send() {
  KJ_ASSERT(open_ != nullptr, "no rows to send");
  auto open = std::exchange(open_, nullptr);
  bytes_ = 0;
  open->request.setCompartment(compartment_);
  auto batches = open->request.initBatches(static_cast<unsigned>(open->batches.size()));
  for (unsigned i = 0; i < batches.size(); ++i) batches.adopt(i, kj::mv(open->batches[i]));
  return open->request.send();
}

}  // namespace bulkhead::worker
