#include "host/analyzers/files/file-reassembler.h"

#include <algorithm>
#include <cassert>
#include <iterator>

namespace bulkhead::analyzers::files {

void FileReassembler::store(uint64_t offset, flow::Bytes data) {
  if (data.empty()) return;
  pieces_.emplace(offset, std::string(data.begin(), data.end()));
  size_ += data.size();
}

void FileReassembler::insert(uint64_t offset, flow::Bytes data) {
  assert(offset + data.size() >= offset);
  if (offset < next_) {
    uint64_t old = std::min<uint64_t>(next_ - offset, data.size());
    data = data.subspan(old);
    offset += old;
  }
  // What is between the pieces that are there already.
  auto at = pieces_.upper_bound(offset);
  if (at != pieces_.begin()) --at;
  for (; !data.empty() && at != pieces_.end(); ++at) {
    uint64_t begin = at->first, end = begin + at->second.size();
    if (end <= offset) continue;
    if (begin > offset) {
      uint64_t before = std::min<uint64_t>(begin - offset, data.size());
      store(offset, data.first(before));
      data = data.subspan(before);
      offset += before;
    }
    uint64_t covered = std::min<uint64_t>(end - offset, data.size());
    data = data.subspan(covered);
    offset += covered;
  }
  store(offset, data);
  deliverReady();
}

void FileReassembler::deliverReady() {
  while (!pieces_.empty() && pieces_.begin()->first <= next_) {
    auto piece = pieces_.extract(pieces_.begin());
    size_ -= piece.mapped().size();
    uint64_t end = piece.key() + piece.mapped().size();
    if (end <= next_) continue;
    flow::Bytes bytes(reinterpret_cast<const uint8_t*>(piece.mapped().data()),
                      piece.mapped().size());
    bytes = bytes.subspan(next_ - piece.key());
    next_ = end;
    receiver_.inOrder(bytes);
  }
}

uint64_t FileReassembler::skipTo(uint64_t offset) {
  uint64_t skipped = 0;
  flushing_ = true;
  while (!pieces_.empty() && pieces_.begin()->first < offset) {
    uint64_t begin = pieces_.begin()->first;
    if (begin > next_) {
      receiver_.missing(next_, begin - next_);
      skipped += begin - next_;
      next_ = begin;
    }
    deliverReady();
  }
  if (offset > next_) {
    receiver_.missing(next_, offset - next_);
    skipped += offset - next_;
    next_ = offset;
  }
  deliverReady();
  flushing_ = false;
  return skipped;
}

uint64_t FileReassembler::flush() {
  if (flushing_ || pieces_.empty()) return 0;
  auto last = std::prev(pieces_.end());
  return skipTo(last->first + last->second.size());
}

uint64_t FileReassembler::flushTo(uint64_t offset) { return flushing_ ? 0 : skipTo(offset); }

}  // namespace bulkhead::analyzers::files
