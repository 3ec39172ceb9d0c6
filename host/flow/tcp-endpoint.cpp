#include "host/flow/tcp-endpoint.h"

namespace bulkhead::flow::tcp {

uint64_t Endpoint::relativeTo(uint32_t sequence, uint32_t near, uint32_t wraps,
                              bool& underflow) const {
  const int32_t delta = sequenceDelta(sequence, near);
  if (delta < 0 && wraps > 0 && sequence > near) --wraps;  // still in the lap before
  if (delta > 0 && sequence < near) ++wraps;               // the first of the next lap
  if (wraps > 0) return relative(sequence, wraps);
  const int32_t distance = sequenceDelta(sequence, startSequence());
  underflow = distance < 0;
  return static_cast<uint64_t>(static_cast<int64_t>(distance));
}

uint64_t Endpoint::size(const Endpoint& peer) const {
  // A half-open connection that was aborted: its numbers mean nothing.
  if (previous == State::synSent && state == State::reset && peer.state == State::inactive &&
      !nothingAcked())
    return 0;
  const uint64_t seen = full(last, lastWraps), known = full(acked, ackedWraps);
  uint64_t bytes = (seen > known ? seen : known) - static_cast<uint64_t>(start);
  if (bytes > 0) --bytes;
  if (fins > 0 && bytes > 0) --bytes;
  return bytes;
}

bool Endpoint::dataPending(const Endpoint& peer) const {
  if (stream.gaveUp()) return false;
  const uint64_t delivered = static_cast<uint64_t>(start) + stream.next();
  const uint64_t seen = full(last, lastWraps);
  if (seen < delivered) return false;
  if (delivered + 1 != seen && delivered != seen) return true;
  return state != State::reset && peer.stream.holdsAny();
}

}  // namespace bulkhead::flow::tcp
