#include "host/rpc/guarded-stream.h"

#include <capnp/any.h>
#include <kj/debug.h>

#include <algorithm>
#include <cstring>
#include <sys/socket.h>

namespace bulkhead::rpc {

namespace {

// A flood is paused in steps of this, long enough to cost nothing and short against any limit.
constexpr kj::Duration throttleStep = 20 * kj::MILLISECONDS;

}  // namespace

GuardedStream::GuardedStream(kj::AsyncIoStream& socket, kj::Timer& timer)
    : socket_(socket),
      timer_(timer),
      buffer_(kj::heapArray<kj::byte>(readBufferBytes)),
      refilled_(timer.now()) {}

GuardedStream::GuardedStream(kj::AsyncCapabilityStream& socket, kj::Timer& timer)
    : GuardedStream(static_cast<kj::AsyncIoStream&>(socket), timer) {
  descriptors_ = socket;
}

void GuardedStream::allowFrames(uint32_t count) {
  // Bounded, so that entitlement saved over a long quiet run does not buy a flood.
  allowance_ = std::min<int64_t>(allowance_ + count, int64_t{4} * frameBurst);
}

kj::Maybe<kj::StringPtr> GuardedStream::violation() const {
  return violation_.map([](const kj::String& reason) -> kj::StringPtr { return reason; });
}

kj::Promise<GuardedStream::MaybeMessage> GuardedStream::tryReadMessage(
    kj::ArrayPtr<kj::AutoCloseFd>, capnp::ReaderOptions, kj::ArrayPtr<capnp::word>) {
  return readFrame();
}

kj::Promise<GuardedStream::MaybeMessage> GuardedStream::readFrame() {
  KJ_IF_MAYBE (reason, violation_) {
    return KJ_EXCEPTION(FAILED, "protocol violation", *reason);
  }
  KJ_IF_MAYBE (paused, pause()) {
    return paused->then([this]() { return readFrame(); });
  }
  auto parsed = readFrameHeader(unread());
  KJ_SWITCH_ONEOF(parsed) {
    KJ_CASE_ONEOF(reason, BadFrame) { return refuse(reason); }
    KJ_CASE_ONEOF(header, FrameHeader) {
      auto frame = kj::heap<Frame>(header, unread());
      begin_ += header.tableBytes;
      auto body = frame->body();
      size_t here = std::min(body.size(), end_ - begin_);
      std::memcpy(body.begin(), buffer_.begin() + begin_, here);
      begin_ += here;
      if (here == body.size()) return finishFrame(kj::mv(frame));
      auto rest = body.slice(here, body.size());
      framesThisTurn_ = 0;
      return socket_.tryRead(rest.begin(), rest.size(), rest.size())
          .then([this, want = rest.size(),
                 frame = kj::mv(frame)](size_t got) mutable -> kj::Promise<MaybeMessage> {
            if (got < want) {
              return KJ_EXCEPTION(DISCONNECTED, "the peer closed in the middle of a frame");
            }
            return finishFrame(kj::mv(frame));
          });
    }
    KJ_CASE_ONEOF(_, MoreBytesNeeded) {
      std::memmove(buffer_.begin(), buffer_.begin() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
      return socket_.tryRead(buffer_.begin() + end_, 1, buffer_.size() - end_)
          .then([this](size_t got) -> kj::Promise<MaybeMessage> {
            if (got == 0) {
              if (begin_ == end_) return MaybeMessage(nullptr);
              return KJ_EXCEPTION(DISCONNECTED, "the peer closed in the middle of a frame");
            }
            end_ += got;
            return readFrame();
          });
    }
  }
  KJ_UNREACHABLE;
}

kj::Promise<GuardedStream::MaybeMessage> GuardedStream::finishFrame(kj::Own<Frame> frame) {
  ++framesReceived_;
  ++framesThisTurn_;
  --allowance_;
  KJ_IF_MAYBE (network, network_) {
    if (network->getCurrentQueueCount() > maxQueuedMessages) {
      return refuse(kj::str("does not read what it is sent: ", network->getCurrentQueueCount(),
                            " messages wait, ", maxQueuedMessages, " are allowed"));
    }
  }
  // A frame whose pointers are wrong throws from the reader: foreign input, so a violation too.
  kj::Maybe<kj::String> refusal;
  KJ_IF_MAYBE (exception, kj::runCatchingExceptions([&]() {
                 refusal = ledger_.received(frame->getRoot<capnp::rpc::Message>());
               })) {
    refusal = kj::str("sent a malformed message: ", exception->getDescription());
  }
  KJ_IF_MAYBE (reason, refusal) {
    return refuse(*reason);
  }
  return MaybeMessage(capnp::MessageReaderAndFds{kj::mv(frame), nullptr});
}

kj::Maybe<kj::Promise<void>> GuardedStream::pause() {
  if (allowance_ <= 0) {
    refill();
    if (allowance_ <= 0) {
      framesThisTurn_ = 0;
      return timer_.afterDelay(throttleStep);
    }
  }
  if (framesThisTurn_ >= framesPerTurn) {
    // A peer that keeps its socket full would keep the loop from ever polling the others: a timer,
    // even of zero, fires only from a poll.
    framesThisTurn_ = 0;
    return timer_.afterDelay(0 * kj::NANOSECONDS);
  }
  return nullptr;
}

void GuardedStream::refill() {
  auto now = timer_.now();
  auto earned = (now - refilled_) / kj::MILLISECONDS * framesPerSecond / 1000;
  if (earned <= 0) return;
  refilled_ = now;
  allowance_ = std::min<int64_t>(allowance_ + earned, framesPerSecond);
}

kj::Exception GuardedStream::refuse(kj::StringPtr reason) {
  if (violation_ == nullptr) violation_ = kj::str(reason);
  return KJ_EXCEPTION(FAILED, "protocol violation", reason);
}

kj::Promise<void> GuardedStream::writeMessage(
    kj::ArrayPtr<const int> fds, kj::ArrayPtr<const kj::ArrayPtr<const capnp::word>> segments) {
  {
    capnp::ReaderOptions ours;
    ours.traversalLimitInWords = kj::maxValue;
    capnp::SegmentArrayMessageReader reader(segments, ours);
    ledger_.sent(reader.getRoot<capnp::rpc::Message>());
  }
  if (fds.size() > 0) {
    KJ_IF_MAYBE (socket, descriptors_) {
      return capnp::writeMessage(*socket, fds, segments);
    }
  }
  return capnp::writeMessage(socket_, segments);
}

kj::Promise<void> GuardedStream::writeMessages(
    kj::ArrayPtr<kj::ArrayPtr<const kj::ArrayPtr<const capnp::word>>> messages) {
  // TwoPartyVatNetwork 0.9 writes one message at a time; this exists for the interface's sake.
  kj::Promise<void> all = kj::READY_NOW;
  for (auto message : messages) {
    all = all.then([this, message]() { return writeMessage(nullptr, message); });
  }
  return all;
}

kj::Maybe<int> GuardedStream::getSendBufferSize() {
  int size = 0;
  uint length = sizeof size;
  socket_.getsockopt(SOL_SOCKET, SO_SNDBUF, &size, &length);
  return size;
}

kj::Promise<void> GuardedStream::end() {
  socket_.shutdownWrite();
  return kj::READY_NOW;
}

}  // namespace bulkhead::rpc
