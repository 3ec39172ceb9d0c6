#include "host/flow/content-detection.h"

#include <utility>

namespace bulkhead::flow {
namespace {

Bytes bytes(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace

std::vector<const AnalyzerRow*> ContentDetection::add(bool isOrig, Bytes data) {
  std::vector<const AnalyzerRow*> found;
  if (over()) return found;
  std::string text(reinterpret_cast<const char*>(data.data()), data.size());
  Side& own = isOrig ? orig_ : resp_;
  const Side& other = isOrig ? resp_ : orig_;
  own.text += text;
  pieces_.push_back({isOrig, false, 0, 0, std::move(text)});
  size_ += data.size();
  if (size_ > limit_ || pieces_.size() > maxPieces) over_ = true;
  std::erase_if(own.candidates, [&](const AnalyzerRow* row) {
    switch (row->match(isOrig, bytes(own.text), bytes(other.text))) {
      case AnalyzerRow::Match::no:
        return true;
      case AnalyzerRow::Match::notYet:
        return false;
      case AnalyzerRow::Match::yes:
        found.push_back(row);
        return true;
    }
    return false;
  });
  return found;
}

void ContentDetection::addGap(bool isOrig, uint64_t offset, uint64_t length) {
  if (over() || pieces_.empty()) return;
  pieces_.push_back({isOrig, true, offset, length, {}});
  if (pieces_.size() > maxPieces) over_ = true;
}

void ContentDetection::turn() {
  // What was decided is about the bytes of a direction, and its name changes.
  std::swap(orig_, resp_);
  for (Piece& piece : pieces_) piece.isOrig = !piece.isOrig;
}

}  // namespace bulkhead::flow
