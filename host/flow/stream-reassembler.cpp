#include "host/flow/stream-reassembler.h"

#include <algorithm>

namespace bulkhead::flow::tcp {

void StreamReassembler::add(uint64_t sequence, Bytes data) {
  if (gaveUp_ || data.empty() || UINT64_MAX - sequence < data.size()) return;
  const uint64_t end = sequence + data.size();
  // Delivered or acknowledged already.
  const uint64_t from = std::max(released_, std::min(next_, end));
  if (end <= from) return;
  if (sequence < from) {
    data = data.subspan(from - sequence);
    sequence = from;
  }
  if (sequence > next_ || !kept_.empty()) {
    keep(sequence, data);
    deliverKept();
  } else {
    deliver(data);
  }
  if (client_.peerIsSilent() && next_ > released_) released_ = next_;
}

void StreamReassembler::deliver(Bytes data) {
  next_ += data.size();
  if (!gaveUp_) client_.inOrder(data);
}

// Only the parts that are not there yet.
void StreamReassembler::keep(uint64_t sequence, Bytes data) {
  auto at = kept_.upper_bound(sequence);
  if (at != kept_.begin()) --at;
  while (!data.empty() && at != kept_.end()) {
    const uint64_t begin = at->first, end = begin + at->second.size();
    if (end <= sequence) {
      ++at;
      continue;
    }
    if (begin > sequence) {
      size_t before = std::min<uint64_t>(begin - sequence, data.size());
      kept_.emplace(sequence, std::vector<uint8_t>(data.begin(), data.begin() + before));
      keptBytes_ += before;
      data = data.subspan(before);
      sequence += before;
      if (data.empty()) return;
    }
    size_t both = std::min<uint64_t>(end - sequence, data.size());
    data = data.subspan(both);
    sequence += both;
    ++at;
  }
  if (data.empty()) return;
  kept_.emplace(sequence, std::vector<uint8_t>(data.begin(), data.end()));
  keptBytes_ += data.size();
}

void StreamReassembler::deliverKept() {
  while (!kept_.empty() && kept_.begin()->first <= next_) {
    auto piece = kept_.extract(kept_.begin());
    keptBytes_ -= piece.mapped().size();
    Bytes data = piece.mapped();
    const uint64_t old = next_ - piece.key();
    if (old < data.size()) deliver(data.subspan(old));
  }
}

void StreamReassembler::skipTo(uint64_t sequence) {
  if (sequence <= 2 && client_.startUnknown()) return;
  if (!gaveUp_) {
    while (!kept_.empty() && kept_.begin()->first < sequence) {
      const uint64_t begin = kept_.begin()->first;
      if (begin > next_) {
        const uint64_t from = next_;
        next_ = begin;
        client_.missing(from, begin - from);
      }
      deliverKept();
    }
    if (sequence > next_) client_.missing(next_, sequence - next_);
  }
  next_ = std::max(next_, sequence);
}

void StreamReassembler::acknowledged(uint64_t sequence) {
  if (sequence <= released_) return;
  if (sequence > next_) {
    skipTo(sequence);
    while (!kept_.empty() && kept_.begin()->first + kept_.begin()->second.size() <= sequence) {
      keptBytes_ -= kept_.begin()->second.size();
      kept_.erase(kept_.begin());
    }
  }
  if (!kept_.empty() && kept_.begin()->first == next_) deliverKept();
  released_ = std::max(released_, sequence);
}

void StreamReassembler::giveUp() {
  gaveUp_ = true;
  kept_.clear();
  keptBytes_ = 0;
}

uint64_t StreamReassembler::undelivered() const {
  if (kept_.empty()) return 0;
  const auto& last = *kept_.rbegin();
  return last.first + last.second.size() - next_;
}

}  // namespace bulkhead::flow::tcp
