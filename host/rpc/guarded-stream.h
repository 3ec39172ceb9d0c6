#pragma once
// The message stream under an RPC connection to a less trusted peer: a compartment as the worker
// sees it, a worker as supervisor and logger see it.
//
// Every frame of the peer is checked (size, then the ledger's books) before Cap'n Proto reads it.
// The first violation is kept with its reason and ends the connection: every call in flight fails.
// Belongs to one event-loop thread; borrows the socket and the timer.
// Errors: a closed socket is end of file or DISCONNECTED; a violation is a FAILED exception to
// Cap'n Proto, and a value to us.

#include "host/rpc/frame.h"
#include "host/rpc/ledger.h"

#include <capnp/rpc-twoparty.h>
#include <capnp/serialize-async.h>
#include <kj/async-io.h>
#include <kj/timer.h>

namespace bulkhead::rpc {

class GuardedStream final : public capnp::MessageStream {
 public:
  GuardedStream(kj::AsyncIoStream& socket, kj::Timer& timer);
  // A socket that can carry descriptors to the peer. None is ever taken from it.
  GuardedStream(kj::AsyncCapabilityStream& socket, kj::Timer& timer);
  KJ_DISALLOW_COPY(GuardedStream);

  // To be called once the network exists that reads from this stream: lets the ledger see how much
  // the peer leaves unread.
  void watchQueue(capnp::TwoPartyVatNetwork& network) { network_ = network; }
  // The peer has work that entitles it to so many frames.
  void allowFrames(uint32_t count);
  // What the peer did, if it did it.
  kj::Maybe<kj::StringPtr> violation() const;
  // Bytes and frames taken from the peer so far.
  uint64_t framesReceived() const { return framesReceived_; }

  using capnp::MessageStream::tryReadMessage;
  using capnp::MessageStream::writeMessage;
  using capnp::MessageStream::writeMessages;
  kj::Promise<kj::Maybe<capnp::MessageReaderAndFds>> tryReadMessage(
      kj::ArrayPtr<kj::AutoCloseFd> fdSpace, capnp::ReaderOptions options,
      kj::ArrayPtr<capnp::word> scratchSpace) override;
  kj::Promise<void> writeMessage(
      kj::ArrayPtr<const int> fds,
      kj::ArrayPtr<const kj::ArrayPtr<const capnp::word>> segments) override;
  kj::Promise<void> writeMessages(
      kj::ArrayPtr<kj::ArrayPtr<const kj::ArrayPtr<const capnp::word>>> messages) override;
  kj::Maybe<int> getSendBufferSize() override;
  kj::Promise<void> end() override;

 private:
  using MaybeMessage = kj::Maybe<capnp::MessageReaderAndFds>;

  kj::Promise<MaybeMessage> readFrame();
  kj::Promise<MaybeMessage> finishFrame(kj::Own<Frame> frame);
  kj::ArrayPtr<const kj::byte> unread() const { return buffer_.slice(begin_, end_); }
  // Empty unless the peer must wait for its next frame to be taken.
  kj::Maybe<kj::Promise<void>> pause();
  void refill();
  kj::Exception refuse(kj::StringPtr reason);

  kj::AsyncIoStream& socket_;
  kj::Maybe<kj::AsyncCapabilityStream&> descriptors_;
  kj::Timer& timer_;
  kj::Maybe<capnp::TwoPartyVatNetwork&> network_;
  kj::Array<kj::byte> buffer_;  // what was read and not yet taken is [begin_, end_)
  size_t begin_ = 0;
  size_t end_ = 0;
  Ledger ledger_;
  kj::Maybe<kj::String> violation_;
  uint64_t framesReceived_ = 0;
  uint32_t framesThisTurn_ = 0;
  int64_t allowance_ = frameBurst;
  kj::TimePoint refilled_;
};

}  // namespace bulkhead::rpc
