#pragma once
// Drains a child's stderr so that it can never block on it, keeps the tail, hands on whole lines.
// Owned by a Child; same thread. Private to this room.

#include <kj/async-unix.h>
#include <kj/function.h>
#include <kj/io.h>

#include <deque>
#include <string>

namespace bulkhead::sandbox {

class ErrorPipe {
 public:
  ErrorPipe(kj::UnixEventPort& port, kj::AutoCloseFd pipe,
            kj::Maybe<kj::Function<void(kj::StringPtr)>> onLine);

  // Reads until the writers are gone.
  kj::Promise<void> drain();
  // What is there right now, at most one turn's worth; for the end of the child.
  void drainNow();

  std::string tail() const;
  uint64_t total() const { return total_; }

 private:
  enum class Read { some, nothing, end };
  Read readOnce();
  void take(kj::ArrayPtr<const char> bytes);
  void handOn(kj::ArrayPtr<const char> bytes);
  void finishLine();

  kj::AutoCloseFd pipe_;
  kj::UnixEventPort::FdObserver observer_;
  kj::Maybe<kj::Function<void(kj::StringPtr)>> onLine_;
  std::deque<char> kept_;
  std::string line_;
  uint64_t total_ = 0;
  uint64_t forwarded_ = 0;
};

}  // namespace bulkhead::sandbox
