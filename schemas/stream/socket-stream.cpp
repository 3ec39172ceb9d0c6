#include "schemas/stream/socket-stream.h"

#include <kj/debug.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include <utility>

namespace bulkhead {

using Observer = kj::UnixEventPort::FdObserver;

namespace {

kj::Exception failure(const char* what, int error) {
  bool gone = error == EPIPE || error == ECONNRESET;
  return kj::Exception(gone ? kj::Exception::Type::DISCONNECTED : kj::Exception::Type::FAILED,
                       __FILE__, __LINE__, kj::str(what, ": ", std::strerror(error)));
}

}  // namespace

SocketStream::SocketStream(kj::UnixEventPort& port, int fd)
    : port_(port), fd_(fd), in_(kj::heapArray<kj::byte>(readAhead)) {
  int on = 1;
  KJ_SYSCALL(::ioctl(fd_, FIONBIO, &on));
  observe(Observer::OBSERVE_READ);
}

SocketStream::~SocketStream() noexcept(false) {
  // Nobody waits for these bytes; what the socket has room for still goes.
  if (!busy_ && broken_ == nullptr && !out_.empty()) {
    ssize_t ignored = ::write(fd_, out_.data(), out_.size());
    static_cast<void>(ignored);
  }
}

// ---- Reading

kj::Promise<size_t> SocketStream::tryRead(void* buffer, size_t minBytes, size_t maxBytes) {
  return readMore(static_cast<kj::byte*>(buffer), 0, minBytes, maxBytes);
}

kj::Promise<size_t> SocketStream::readMore(kj::byte* to, size_t have, size_t least, size_t most) {
  while (true) {
    size_t here = std::min(most - have, inEnd_ - inBegin_);
    if (here > 0) std::memcpy(to + have, in_.begin() + inBegin_, here);
    inBegin_ += here;
    have += here;
    if (have >= least) return have;
    if (!mayRead_) {
      auto paf = kj::newPromiseAndFulfiller<void>();
      reader_ = kj::mv(paf.fulfiller);
      return paf.promise.then(
          [this, to, have, least, most]() { return readMore(to, have, least, most); });
    }
    // Large bodies go where they belong at once.
    const bool direct = most - have >= in_.size();
    const size_t room = direct ? most - have : in_.size();
    ssize_t got = ::read(fd_, direct ? to + have : in_.begin(), room);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno != EAGAIN) return failure("read", errno);
    if (got == 0) return have;
    if (got < 0) {
      awaitReadable();
      continue;
    }
    auto size = static_cast<size_t>(got);
    if (direct) {
      have += size;
    } else {
      inBegin_ = 0;
      inEnd_ = size;
    }
    // A short read took all there was; unless the end came with it, more will be told.
    if (size < room && !observer_->atEndHint().orDefault(true)) awaitReadable();
  }
}

// An edge that nobody waits for is lost: so it is waited for from the moment the socket is empty.
void SocketStream::awaitReadable() {
  mayRead_ = false;
  readable_ = observer_->whenBecomesReadable()
                  .then([this]() { wakeReader(); }, [this](kj::Exception&&) { wakeReader(); })
                  .eagerlyEvaluate(nullptr);
}

void SocketStream::wakeReader() {
  mayRead_ = true;
  KJ_IF_MAYBE (reader, reader_) {
    (*reader)->fulfill();
  }
  reader_ = nullptr;
}

// A new registration reports what is there already, so nothing is missed between two.
void SocketStream::observe(unsigned flags) {
  readable_ = nullptr;
  observer_ = nullptr;
  observer_ = kj::heap<Observer>(port_, fd_, flags);
  watchesWrite_ = (flags & Observer::OBSERVE_WRITE) != 0;
  if (!mayRead_) awaitReadable();
}

// ---- Writing

kj::Promise<void> SocketStream::write(const void* buffer, size_t size) {
  const kj::ArrayPtr<const kj::byte> piece(static_cast<const kj::byte*>(buffer), size);
  // The list of one need not outlive the call: it is copied, or waited with only by value.
  if (busy_) {
    auto paf = kj::newPromiseAndFulfiller<void>();
    writers_.add(kj::mv(paf.fulfiller));
    return paf.promise.then([this, buffer, size]() { return write(buffer, size); });
  }
  return write(kj::arrayPtr(&piece, 1));
}

kj::Promise<void> SocketStream::write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) {
  KJ_IF_MAYBE (exception, broken_) {
    return kj::cp(*exception);
  }
  if (busy_) {
    auto paf = kj::newPromiseAndFulfiller<void>();
    writers_.add(kj::mv(paf.fulfiller));
    return paf.promise.then([this, pieces]() { return write(pieces); });
  }
  size_t total = out_.size();
  for (auto piece : pieces) total += piece.size();
  if (total > gathered) return send(pieces);
  for (auto piece : pieces) {
    out_.append(reinterpret_cast<const char*>(piece.begin()), piece.size());
  }
  flushLater();
  return kj::READY_NOW;
}

void SocketStream::flushLater() {
  if (flushing_) return;
  flushing_ = true;
  flush_ = kj::evalLast([this]() -> kj::Promise<void> {
             flushing_ = false;
             if (busy_ || out_.empty()) return kj::READY_NOW;
             return send(nullptr);
           }).eagerlyEvaluate([](kj::Exception&&) {
    // Kept in broken_.
  });
}

// What is gathered, then `pieces`, which stay valid until the promise resolves.
kj::Promise<void> SocketStream::send(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) {
  busy_ = true;
  leaving_.swap(out_);
  parts_.clear();
  part_ = 0;
  if (!leaving_.empty()) parts_.push_back({leaving_.data(), leaving_.size()});
  for (auto piece : pieces) {
    if (piece.size() > 0) parts_.push_back({const_cast<kj::byte*>(piece.begin()), piece.size()});
  }
  return push();
}

kj::Promise<void> SocketStream::push() {
  while (part_ < parts_.size()) {
    auto count = static_cast<int>(std::min<size_t>(parts_.size() - part_, IOV_MAX));
    ssize_t written = ::writev(fd_, &parts_[part_], count);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) {
      if (!watchesWrite_) observe(Observer::OBSERVE_READ_WRITE);
      return observer_->whenBecomesWritable().then([this]() { return push(); });
    }
    if (written < 0) {
      auto exception = failure("write", errno);
      broken_ = kj::cp(exception);
      sent();
      return exception;
    }
    auto left = static_cast<size_t>(written);
    while (part_ < parts_.size() && left >= parts_[part_].iov_len) {
      left -= parts_[part_++].iov_len;
    }
    if (left > 0) {
      parts_[part_].iov_base = static_cast<char*>(parts_[part_].iov_base) + left;
      parts_[part_].iov_len -= left;
    }
  }
  sent();
  return kj::READY_NOW;
}

void SocketStream::sent() {
  busy_ = false;
  leaving_.clear();
  parts_.clear();
  if (watchesWrite_) observe(Observer::OBSERVE_READ);
  auto writers = kj::mv(writers_);
  writers_ = {};
  for (auto& writer : writers) writer->fulfill();
  if (shutDown_) shutdownWrite();
}

void SocketStream::shutdownWrite() {
  shutDown_ = true;
  if (broken_ != nullptr) return;
  if (busy_) return;  // sent() comes back
  if (!out_.empty()) {
    flushLater();
    return;
  }
  KJ_SYSCALL(::shutdown(fd_, SHUT_WR));
}

void SocketStream::getsockopt(int level, int option, void* value, kj::uint* length) {
  socklen_t size = *length;
  KJ_SYSCALL(::getsockopt(fd_, level, option, value, &size));
  *length = size;
}

}  // namespace bulkhead
