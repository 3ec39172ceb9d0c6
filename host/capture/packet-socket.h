#pragma once
// Frames from a packet socket (AF_PACKET, SOCK_RAW) that somebody else opened and bound.
//
// One thread; owns the descriptor. Frames come in batches (recvmmsg), with the kernel's stamps, the
// length on the wire, and the VLAN tag that the kernel took off put back. Frames come from anybody;
// nothing in them is looked at here but where a tag belongs.
// Source: https://man7.org/linux/man-pages/man7/packet.7.html

#include <cstdint>
#include <memory>
#include <span>

namespace bulkhead::capture {

class PacketSocket {
 public:
  static constexpr unsigned framesPerBatch = 64;
  static constexpr size_t longestFrame = 65535 + 18;  // a segment that the card would have split

  // Takes `fd` over. What it must have been told: PACKET_AUXDATA and SO_TIMESTAMPNS.
  explicit PacketSocket(int fd);
  ~PacketSocket();
  PacketSocket(const PacketSocket&) = delete;
  PacketSocket& operator=(const PacketSocket&) = delete;

  struct Frame {
    uint64_t timeNs = 0;  // since epoch
    std::span<const uint8_t> data;
    uint32_t wireLength = 0;
  };
  // The next frame, valid until the next call. Null: there is none now, or error() says why.
  const Frame* next();
  // 0, or the errno that ended it: ENETDOWN where the interface went down.
  int error() const { return error_; }
  int descriptor() const { return fd_; }

  struct Counters {
    uint64_t dropped = 0;  // by the kernel, for lack of room, since the socket was opened
  };
  Counters counters();

 private:
  struct Batch;
  bool fill();
  bool take(unsigned index);

  int fd_;
  int error_ = 0;
  std::unique_ptr<Batch> batch_;
  unsigned next_ = 0, count_ = 0;
  Frame frame_;
  Counters counters_;
};

// A frame as it was on the wire: `frame` begins `tagBytes` behind the start of a buffer, and gets
// the tag between its addresses and its type. Answers the frame's new start; null if it is too
// short to have one.
inline constexpr size_t tagBytes = 4;
uint8_t* putTagBack(uint8_t* frame, size_t length, uint16_t protocol, uint16_t tag);

}  // namespace bulkhead::capture
