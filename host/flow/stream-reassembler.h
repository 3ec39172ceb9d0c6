#pragma once
// Puts one direction of a TCP connection in order and says what is missing.
//
// Belongs to a tcp::Endpoint; same thread. Sequence numbers are relative: the first byte of payload
// is
// 1. What comes in order is handed on without a copy; what lies above a hole is kept, at most
// `excessive` bytes and only as long as acknowledgements come. Of two copies of a byte the first
// seen counts. When the peer acknowledges what was never seen, that is a gap. RFC 9293 3.4.

#include "host/flow/protocol-analyzer.h"

#include <cstdint>
#include <map>
#include <vector>

namespace bulkhead::flow::tcp {

class StreamReassembler {
 public:
  class Client {
   public:
    virtual ~Client() = default;
    virtual void inOrder(Bytes data) = 0;
    virtual void missing(uint64_t sequence, uint64_t length) = 0;
    // The start was not seen, so what stands before the first bytes is no gap.
    virtual bool startUnknown() const = 0;
    // Much was sent and nothing acknowledged: what was delivered needs no keeping.
    virtual bool peerIsSilent() const = 0;
  };
  explicit StreamReassembler(Client& client) : client_(client) {}

  void add(uint64_t sequence, Bytes data);
  // The peer has all below `sequence`.
  void acknowledged(uint64_t sequence);
  // Drops what is kept; nothing more is delivered.
  void giveUp();
  bool gaveUp() const { return gaveUp_; }

  uint64_t next() const { return next_; }          // first byte not delivered
  uint64_t released() const { return released_; }  // first byte not acknowledged
  // Bytes seen and not yet acknowledged or delivered.
  bool holdsAny() const { return !kept_.empty() || next_ > released_; }
  uint64_t held() const { return keptBytes_ + (next_ > released_ ? next_ - released_ : 0); }
  // How far what was seen reaches beyond what was delivered.
  uint64_t undelivered() const;

 private:
  void keep(uint64_t sequence, Bytes data);
  void deliver(Bytes data);
  void deliverKept();
  void skipTo(uint64_t sequence);

  Client& client_;
  uint64_t next_ = 1, released_ = 1;
  bool gaveUp_ = false;
  std::map<uint64_t, std::vector<uint8_t>> kept_;  // above next_, not overlapping
  uint64_t keptBytes_ = 0;
};

}  // namespace bulkhead::flow::tcp
