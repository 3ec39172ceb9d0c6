#pragma once
// Watches the seccomp listener of one child for the first refused call. Owned by a Child; same
// thread. Private to this room.
//
// The call itself is never answered: the child stands still in the kernel until it is killed.

#include "sandbox/outcome/outcome.h"

#include <kj/async-unix.h>
#include <kj/io.h>

namespace bulkhead::sandbox {

class Refusals {
 public:
  Refusals(kj::UnixEventPort& port, kj::AutoCloseFd listener);

  // Empty when the child ended without a refused call.
  kj::Promise<kj::Maybe<Violation>> first();
  // The one that is waiting now, without waiting.
  kj::Maybe<Violation> takeNow();

 private:
  bool over_ = false;
  kj::AutoCloseFd listener_;
  kj::UnixEventPort::FdObserver observer_;
};

}  // namespace bulkhead::sandbox
