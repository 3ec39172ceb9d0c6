#pragma once
// A Child is the host's grip on one confined process: it carries on the set-up conversation, names
// refused calls, drains stderr, counts what was used, and learns the end with its cause.
//
// Owner: whoever launched it. Dropping a Child ends the process (SIGKILL through its pidfd, so no
// other process can be hit) and waits for it. Confined to its event loop's thread, which must be
// the thread that launched it and must outlive it: children die with that thread.
// Errors: what the child does is an Outcome, never an exception. Exceptions mean that the machine
// refused something to the host.
// Nothing that the child says is believed: its set-up reports are read before anything of a package
// runs, its stderr is bounded and escaped.
//
// Do not use kj::UnixEventPort::onChildExit() in the same process: it reaps every child.

#include "sandbox/cgroup/cgroup.h"
#include "sandbox/limits/limits.h"
#include "sandbox/outcome/outcome.h"
#include "sandbox/policy/layers.h"

#include <kj/async-unix.h>
#include <kj/async.h>
#include <kj/function.h>
#include <kj/io.h>
#include <kj/memory.h>
#include <kj/string.h>

#include <string>

namespace bulkhead::sandbox {

struct SetupRequest;

struct Usage {
  uint64_t cpuNanoseconds = 0;
  uint64_t peakMemoryBytes = 0;
  // False: from the process's own counters, which miss what its cgroup would have seen.
  bool fromCgroup = false;
};

// Of what a child writes to stderr, the last so many bytes are kept.
inline constexpr size_t keptErrorBytes = 16384;
// And so many bytes of it are handed on line by line; the rest is only counted.
inline constexpr size_t forwardedErrorBytes = 65536;
inline constexpr size_t longestErrorLine = 1024;

class Child {
 public:
  // What a launcher makes; nobody else needs to look.
  struct Parts {
    kj::String name;
    pid_t pid = 0;
    kj::AutoCloseFd process;  // pidfd
    kj::AutoCloseFd setup;
    kj::AutoCloseFd errors;
    kj::AutoCloseFd socket;
    kj::Own<SetupRequest> request;
    // Called when the child waits for its request: user map and cgroups. May throw.
    kj::Function<void(pid_t)> prepare;
    kj::Maybe<kj::Own<Cgroup>> cgroup;
    Limits limits;
    LayerSet layers;
    // Each line of stderr, escaped; empty to only keep the tail.
    kj::Maybe<kj::Function<void(kj::StringPtr)>> onErrorLine;
  };

  Child(kj::UnixEventPort& port, Parts parts);
  ~Child() noexcept(false);
  KJ_DISALLOW_COPY(Child);

  kj::StringPtr name() const;
  pid_t pid() const;
  // The layers that were built and proven; final once onLocked() resolves.
  LayerSet layers() const;

  // Our end of the one inherited socket. Once.
  kj::AutoCloseFd takeSocket();

  // Resolves when the child is locked down (for a native program: about to be executed; for the
  // zygote: ready to serve). Rejects if the child ends before that; onEnd() then tells why.
  kj::Promise<void> onLocked();

  // Resolves with the first cause once the process is gone and reaped. May be called often.
  kj::Promise<Outcome> onEnd();
  bool hasEnded() const;

  // Ends it now. The reason is what the Outcome says, unless an earlier cause is known.
  void kill(kj::StringPtr reason);

  // So far, or in total once it has ended.
  Usage usage();

  // The tail of stderr with control bytes escaped, and how many bytes there were in all.
  std::string errorText() const;
  uint64_t errorBytes() const;

 private:
  class Impl;
  kj::Own<Impl> impl_;
};

// Escapes control and non-ASCII bytes as \xHH, keeps newlines: fit for a terminal.
std::string escapeForTerminal(kj::ArrayPtr<const char> bytes);

}  // namespace bulkhead::sandbox
