#include "host/capture/packet-socket.h"

#include <cerrno>
#include <cstring>
#include <ctime>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace bulkhead::capture {

namespace {

constexpr size_t addressBytes = 2 * ETH_ALEN;
constexpr size_t slotBytes = PacketSocket::longestFrame + tagBytes;
constexpr size_t controlBytes = CMSG_SPACE(sizeof(timespec)) + CMSG_SPACE(sizeof(tpacket_auxdata));

uint64_t wallClockNs() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

}  // namespace

uint8_t* putTagBack(uint8_t* frame, size_t length, uint16_t protocol, uint16_t tag) {
  if (length < addressBytes) return nullptr;
  uint8_t* start = frame - tagBytes;
  std::memmove(start, frame, addressBytes);
  uint8_t* at = start + addressBytes;
  at[0] = static_cast<uint8_t>(protocol >> 8);
  at[1] = static_cast<uint8_t>(protocol);
  at[2] = static_cast<uint8_t>(tag >> 8);
  at[3] = static_cast<uint8_t>(tag);
  return start;
}

struct PacketSocket::Batch {
  // Only the pages that frames reach are ever touched.
  std::unique_ptr<uint8_t[]> frames{new uint8_t[framesPerBatch * slotBytes]};
  struct alignas(cmsghdr) Control {
    char bytes[controlBytes];
  };
  Control controls[framesPerBatch];
  sockaddr_ll from[framesPerBatch];
  iovec parts[framesPerBatch];
  mmsghdr messages[framesPerBatch];

  uint8_t* frame(unsigned index) { return frames.get() + index * slotBytes + tagBytes; }
};

PacketSocket::PacketSocket(int fd) : fd_(fd), batch_(std::make_unique<Batch>()) {}

PacketSocket::~PacketSocket() { ::close(fd_); }

bool PacketSocket::fill() {
  auto& batch = *batch_;
  for (unsigned i = 0; i < framesPerBatch; ++i) {
    batch.parts[i] = {batch.frame(i), longestFrame};
    batch.messages[i] = {};
    auto& header = batch.messages[i].msg_hdr;
    header.msg_name = &batch.from[i];
    header.msg_namelen = sizeof(sockaddr_ll);
    header.msg_iov = &batch.parts[i];
    header.msg_iovlen = 1;
    header.msg_control = batch.controls[i].bytes;
    header.msg_controllen = controlBytes;
  }
  next_ = count_ = 0;
  int got;
  do {
    got = ::recvmmsg(fd_, batch.messages, framesPerBatch, MSG_DONTWAIT | MSG_TRUNC, nullptr);
  } while (got < 0 && errno == EINTR);
  if (got < 0) {
    if (errno != EAGAIN && errno != EWOULDBLOCK) error_ = errno;
    return false;
  }
  count_ = static_cast<unsigned>(got);
  return count_ > 0;
}

// False: not a frame for us.
bool PacketSocket::take(unsigned index) {
  auto& batch = *batch_;
  auto& message = batch.messages[index];
  // What loops back is seen twice, once in each direction.
  if (batch.from[index].sll_hatype == ARPHRD_LOOPBACK &&
      batch.from[index].sll_pkttype == PACKET_OUTGOING)
    return false;
  frame_.timeNs = 0;
  // With MSG_TRUNC the length is the frame's, whatever fitted.
  frame_.wireLength = message.msg_len;
  uint8_t* start = batch.frame(index);
  size_t length = std::min<size_t>(message.msg_len, longestFrame);
  for (cmsghdr* c = CMSG_FIRSTHDR(&message.msg_hdr); c; c = CMSG_NXTHDR(&message.msg_hdr, c)) {
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS) {
      timespec stamp{};
      std::memcpy(&stamp, CMSG_DATA(c), sizeof stamp);
      frame_.timeNs = static_cast<uint64_t>(stamp.tv_sec) * 1'000'000'000 +
                      static_cast<uint64_t>(stamp.tv_nsec);
    } else if (c->cmsg_level == SOL_PACKET && c->cmsg_type == PACKET_AUXDATA) {
      tpacket_auxdata about{};
      std::memcpy(&about, CMSG_DATA(c), sizeof about);
      if ((about.tp_status & TP_STATUS_VLAN_VALID) == 0) continue;
      const uint16_t protocol =
          (about.tp_status & TP_STATUS_VLAN_TPID_VALID) != 0 ? about.tp_vlan_tpid : ETH_P_8021Q;
      if (uint8_t* moved = putTagBack(start, length, protocol, about.tp_vlan_tci)) {
        start = moved;
        length += tagBytes;
        frame_.wireLength += tagBytes;
      }
    }
  }
  if (frame_.timeNs == 0) frame_.timeNs = wallClockNs();
  frame_.data = {start, length};
  return true;
}

const PacketSocket::Frame* PacketSocket::next() {
  for (;;) {
    if (next_ >= count_ && (error_ != 0 || !fill())) return nullptr;
    if (take(next_++)) return &frame_;
  }
}

PacketSocket::Counters PacketSocket::counters() {
  // The kernel's counters begin anew with every look.
  tpacket_stats since{};
  socklen_t size = sizeof since;
  if (::getsockopt(fd_, SOL_PACKET, PACKET_STATISTICS, &since, &size) == 0)
    counters_.dropped += since.tp_drops;
  return counters_;
}

}  // namespace bulkhead::capture
