#pragma once
// A SocketStream is a KJ stream over a Unix socket that costs few system calls and wakes nobody in
// vain. KJ's own asks to be told when the socket becomes writable, which it does each time the peer
// reads: on a connection of short calls both sides are then woken twice for every message. This one
//
// - asks for writability only while a write waits for room;
// - gathers short writes and sends them together when the event loop has nothing else to do, so
// that
//   a return and the next call leave as one;
// - reads ahead, so that a message costs one read(2), and none to find out that there is no more.
//
// One event-loop thread. Borrows the descriptor, which it makes non-blocking; attach its owner. All
// descriptors are there before a lockdown: afterwards it needs read, write, writev and epoll_ctl.
// Errors: DISCONNECTED when the peer is gone, FAILED otherwise. A gathered write that fails is
// reported by the next one. Bytes of the peer are passed on unseen.

#include <kj/async-io.h>
#include <kj/async-unix.h>

#include <string>
#include <vector>

struct iovec;

namespace bulkhead {

class SocketStream final : public kj::AsyncIoStream {
 public:
  // Bytes that are read ahead, and that are gathered at most before they are sent.
  static constexpr size_t readAhead = 64 * 1024;
  static constexpr size_t gathered = 16 * 1024;

  SocketStream(kj::UnixEventPort& port, int fd);
  ~SocketStream() noexcept(false);
  KJ_DISALLOW_COPY(SocketStream);

  using kj::AsyncIoStream::read;
  kj::Promise<size_t> tryRead(void* buffer, size_t minBytes, size_t maxBytes) override;
  kj::Promise<void> write(const void* buffer, size_t size) override;
  kj::Promise<void> write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) override;
  // Never resolves: the end shows when reading.
  kj::Promise<void> whenWriteDisconnected() override { return kj::NEVER_DONE; }
  // After what was written.
  void shutdownWrite() override;
  void getsockopt(int level, int option, void* value, kj::uint* length) override;

 private:
  kj::Promise<size_t> readMore(kj::byte* to, size_t have, size_t least, size_t most);
  void awaitReadable();
  void wakeReader();
  void observe(unsigned flags);
  void flushLater();
  kj::Promise<void> send(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces);
  kj::Promise<void> push();
  void sent();

  kj::UnixEventPort& port_;
  int fd_;
  kj::Own<kj::UnixEventPort::FdObserver> observer_;

  kj::Array<kj::byte> in_;  // read and not yet taken: [inBegin_, inEnd_)
  size_t inBegin_ = 0;
  size_t inEnd_ = 0;
  bool mayRead_ = true;  // there may be bytes, or the end; else the observer tells
  kj::Maybe<kj::Own<kj::PromiseFulfiller<void>>> reader_;

  std::string out_;           // gathered
  std::string leaving_;       // gathered, being sent
  std::vector<iovec> parts_;  // being sent: from part_ on
  size_t part_ = 0;
  bool busy_ = false;  // a send waits for room
  bool watchesWrite_ = false;
  bool flushing_ = false;
  bool shutDown_ = false;
  kj::Maybe<kj::Exception> broken_;
  kj::Vector<kj::Own<kj::PromiseFulfiller<void>>> writers_;  // wait for the send

  kj::Promise<void> readable_ = nullptr;
  kj::Promise<void> flush_ = nullptr;
};

}  // namespace bulkhead
