#pragma once
// Puts pieces of a file in order that came out of order, up to a limit that the file sets.
//
// Owned by its File, which it calls back. The first copy of a byte counts. Worker thread.

#include "host/flow/protocol-analyzer.h"

#include <cstdint>
#include <map>
#include <string>

namespace bulkhead::analyzers::files {

class FileReassembler {
 public:
  class Receiver {
   public:
    virtual ~Receiver() = default;
    virtual void inOrder(flow::Bytes data) = 0;
    virtual void missing(uint64_t offset, uint64_t length) = 0;
  };
  // Small pieces cost more than their bytes; beyond this many they are given up like too large
  // ones.
  static constexpr size_t maxPieces = 65536;

  FileReassembler(Receiver& receiver, uint64_t start) : receiver_(receiver), next_(start) {}

  // offset + size must not overflow.
  void insert(uint64_t offset, flow::Bytes data);
  // Delivers all that is held, with what is missing before it; answers how much that is.
  uint64_t flush();
  // Likewise up to `offset`, which is next then.
  uint64_t flushTo(uint64_t offset);
  uint64_t size() const { return size_; }
  bool full() const { return pieces_.size() >= maxPieces; }
  bool flushing() const { return flushing_; }

 private:
  void store(uint64_t offset, flow::Bytes data);
  void deliverReady();
  uint64_t skipTo(uint64_t offset);

  Receiver& receiver_;
  uint64_t next_;                           // the first byte that was not delivered yet
  std::map<uint64_t, std::string> pieces_;  // by offset; none overlap
  uint64_t size_ = 0;
  bool flushing_ = false;
};

}  // namespace bulkhead::analyzers::files
