#pragma once
// Keeps the beginning of a connection's payload, and says for each side which analyzer recognises
// it, once a side; all that is kept is given to an analyzer that begins then.
//
// It goes on while an analyzer is at work, since that one may be removed for a violation: where the
// request is no HTTP, the reply may still be. One per connection; same thread. Bounded by `limit`
// bytes (the piece that crosses it is still taken) and maxPieces pieces.

#include "host/flow/protocol-analyzer.h"

#include <cstdint>
#include <string>
#include <vector>

namespace bulkhead::flow {

class ContentDetection {
 public:
  ContentDetection(std::span<const AnalyzerRow* const> candidates, size_t limit)
      : orig_(candidates), resp_(candidates), limit_(limit) {}

  struct Piece {
    bool isOrig;
    bool isGap;
    uint64_t offset = 0, length = 0;  // of a gap
    std::string data;
  };

  // Answers who recognises that side now and did not before. Empty data is not allowed.
  std::vector<const AnalyzerRow*> add(bool isOrig, Bytes data);
  void addGap(bool isOrig, uint64_t offset, uint64_t length);
  const std::vector<Piece>& pieces() const { return pieces_; }
  // Nothing more can come of it.
  bool over() const { return over_ || (orig_.candidates.empty() && resp_.candidates.empty()); }
  void turn();  // originator and responder changed places

 private:
  static constexpr size_t maxPieces = 100;

  struct Side {
    explicit Side(std::span<const AnalyzerRow* const> rows)
        : candidates(rows.begin(), rows.end()) {}
    std::vector<const AnalyzerRow*> candidates;  // not yet decided
    std::string text;
  };

  Side orig_, resp_;
  size_t limit_;
  size_t size_ = 0;
  bool over_ = false;
  std::vector<Piece> pieces_;
};

}  // namespace bulkhead::flow
