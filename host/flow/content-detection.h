#pragma once
// Keeps the beginning of a connection's payload until an analyzer recognises it, and gives all of
// it again to each that does.
//
// One per connection that has candidates; same thread. Bounded by `limit` bytes (the piece that
// crosses it is still taken) and maxPieces pieces.

#include "host/flow/protocol-analyzer.h"

#include <cstdint>
#include <string>
#include <vector>

namespace bulkhead::flow {

class ContentDetection {
 public:
  ContentDetection(std::vector<const AnalyzerRow*> candidates, size_t limit)
      : candidates_(std::move(candidates)), limit_(limit) {}

  struct Piece {
    bool isOrig;
    bool isGap;
    uint64_t offset = 0, length = 0;  // of a gap
    std::string data;
  };

  // Answers who recognised it now. Empty data is not allowed.
  std::vector<const AnalyzerRow*> add(bool isOrig, Bytes data);
  void addGap(bool isOrig, uint64_t offset, uint64_t length);
  const std::vector<Piece>& pieces() const { return pieces_; }
  // Nothing more can come of it.
  bool over() const { return over_ || candidates_.empty(); }
  void turn();  // originator and responder changed places

 private:
  static constexpr size_t maxPieces = 100;

  std::vector<const AnalyzerRow*> candidates_;
  size_t limit_;
  size_t size_ = 0;
  bool over_ = false;
  std::vector<Piece> pieces_;
  std::string orig_, resp_;
};

}  // namespace bulkhead::flow
