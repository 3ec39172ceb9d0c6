#pragma once
// A line on a terminal that shows how far a capture is read. Nothing where it is not a terminal.
// Event-loop thread.

#include <chrono>
#include <cstdint>
#include <cstdio>

namespace bulkhead::supervisor {

class Progress {
 public:
  // `size`: bytes of the capture, 0 if not known.
  Progress(std::FILE* out, bool enabled, uint64_t size);
  ~Progress() { clear(); }

  void show(uint64_t packets, uint64_t bytes, double networkTime);
  // Before anything else is written to the terminal.
  void clear();

 private:
  std::FILE* out_;
  bool enabled_;
  bool shown_ = false;
  uint64_t size_;
  std::chrono::steady_clock::time_point begin_;
};

}  // namespace bulkhead::supervisor
