#pragma once
// A tiny process that waits on a pipe. When the host ends without cleaning up (it was killed), the
// pipe closes, and the janitor ends what is left in the host's cgroups and removes them.
//
// Owned by the cgroup tree. The destructor lets the janitor finish and waits for it.
// Errors: kj::Exception when it cannot be started.

#include <kj/io.h>
#include <kj/string.h>

#include <sys/types.h>

namespace bulkhead::sandbox {

class Janitor {
 public:
  // Forks; call it while this process has one thread.
  Janitor();
  ~Janitor() noexcept(false);
  KJ_DISALLOW_COPY(Janitor);

  // From now on `directory` is removed if the host dies; innermost directories first.
  void watch(kj::StringPtr directory);
  // It was removed in the ordinary way.
  void forget(kj::StringPtr directory);

 private:
  void tell(char what, kj::StringPtr directory);

  kj::AutoCloseFd pipe_;
  pid_t pid_ = 0;
};

}  // namespace bulkhead::sandbox
