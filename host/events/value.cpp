#include "host/events/value.h"

#include <algorithm>

namespace bulkhead::events {

void* Arena::allocate(size_t size, size_t alignment) {
  size_t at = (used_ + alignment - 1) & ~(alignment - 1);
  if (blocks_.empty() || at + size > capacity_) {
    capacity_ = std::max(blockSize, size);
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(capacity_));
    at = 0;
  }
  used_ = at + size;
  return blocks_.back().get() + at;
}

void Arena::reset() {
  if (blocks_.size() > 1) {
    blocks_.resize(1);
    capacity_ = blockSize;
  }
  used_ = 0;
}

}  // namespace bulkhead::events
