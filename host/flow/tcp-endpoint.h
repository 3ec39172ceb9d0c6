#pragma once
// One side of a TCP connection: state, sequence space, counters of oddities.
//
// Plain data and arithmetic; TcpConnection drives it. The numbers of `State` are Zeek's TCP_*
// constants, which scripts see. RFC 9293.

#include "host/flow/stream-reassembler.h"

#include <cstdint>

namespace bulkhead::flow::tcp {

enum class State : uint8_t {
  inactive = 0,
  synSent = 1,
  synAckSent = 2,
  partial = 3,
  established = 4,
  closed = 5,
  reset = 6,
};

struct Flags {
  uint8_t bits = 0;
  bool fin() const { return bits & 0x01; }
  bool syn() const { return bits & 0x02; }
  bool rst() const { return bits & 0x04; }
  bool psh() const { return bits & 0x08; }
  bool ack() const { return bits & 0x10; }
  bool urg() const { return bits & 0x20; }
};

// Distance from `b` to `a` on the circle of sequence numbers.
inline int32_t sequenceDelta(uint32_t a, uint32_t b) { return static_cast<int32_t>(a - b); }

// Counts an oddity; thresholds grow tenfold.
struct Scaled {
  uint32_t count = 0, threshold = 1;
};

class Endpoint {
 public:
  explicit Endpoint(StreamReassembler::Client& client) : stream(client) {}

  State state = State::inactive, previous = State::inactive;
  int64_t start = 0;   // sequence number of the SYN; negative where it had to be guessed
  uint32_t last = 0;   // one past the highest seen
  uint32_t acked = 0;  // highest acknowledgement of this side's data
  uint32_t lastWraps = 0, ackedWraps = 0;
  uint32_t window = 0, windowSequence = 0, windowAck = 0;
  int windowScale = 0;
  double lastTime = 0;
  uint32_t fins = 0, rsts = 0;
  uint64_t finSequence = 0;  // relative, one past the FIN
  bool didClose = false;
  bool atEnd = false;                              // its end of stream was told
  uint64_t lastSyn = 0, lastFin = 0, lastRst = 0;  // of history entries
  Scaled gaps, badChecksums, retransmissions, zeroWindows;
  StreamReassembler stream;

  uint32_t startSequence() const { return static_cast<uint32_t>(start); }
  static uint64_t full(uint32_t sequence, uint32_t wraps) {
    return static_cast<uint64_t>(wraps) << 32 | sequence;
  }
  uint64_t relative(uint32_t sequence, uint32_t wraps) const {
    return full(sequence, wraps) - static_cast<uint64_t>(start);
  }
  // `near` is a number of this side seen recently. `underflow` is set if it lies before the start.
  uint64_t relativeTo(uint32_t sequence, uint32_t near, uint32_t wraps, bool& underflow) const;
  void begin(int64_t startNumber, uint32_t lastNumber) {
    start = startNumber;
    acked = static_cast<uint32_t>(startNumber);
    last = lastNumber;
  }
  void advanceLast(uint32_t sequence) {
    if (sequence < last) ++lastWraps;
    last = sequence;
  }
  void advanceAcked(uint32_t sequence) {
    if (sequence < acked) ++ackedWraps;
    acked = sequence;
  }
  // Apart from the SYN.
  bool nothingAcked() const {
    uint64_t a = full(acked, ackedWraps), s = static_cast<uint64_t>(start);
    return a == s || a == s + 1;
  }
  // Payload bytes by sequence numbers, SYN and FIN apart.
  uint64_t size(const Endpoint& peer) const;
  bool isClean() const {
    return state == State::established ||
           (state == State::closed && previous == State::established);
  }
  // Seen by sequence numbers and not yet delivered.
  bool dataPending(const Endpoint& peer) const;
};

}  // namespace bulkhead::flow::tcp
