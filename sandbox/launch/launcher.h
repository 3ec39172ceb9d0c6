#pragma once
// Starts confined processes. Every way of starting goes through the same set-up, described in
// sandbox/confine/setup-protocol.h; each returns a Child at once, and the set-up goes on in the
// event loop.
//
//   launchProgram   one of our own programs (worker, logger), executed by descriptor; its main()
//                   is confinedMain() from sandbox/confine/confine.h
//   launchImage     a package's static program, executed by descriptor under lockdown; it speaks
//                   raw bytes on descriptor 3
//   launchZygote    one of our own programs whose main function calls zygoteMain(); then
//   Zygote::spawn   forks of it, one per compartment
//
// Confined to one event loop's thread; outlived by nothing it made. Errors: kj::Exception when the
// machine refuses a process; a child that fails in its set-up ends with SetupFailed instead.

#include "sandbox/cgroup/cgroup.h"
#include "sandbox/launch/machine.h"
#include "sandbox/limits/limits.h"
#include "sandbox/monitor/child.h"
#include "sandbox/policy/filter.h"
#include "sandbox/policy/policy.h"

#include <kj/async-unix.h>
#include <kj/function.h>
#include <kj/memory.h>
#include <kj/string.h>

namespace bulkhead::sandbox {

// Which user a child is, seen from outside.
enum class Identity {
  separate,  // one of its own where the machine allows
  host,      // the host's own, without its rights: for a child that writes the host's files
};

// A directory that stays reachable through an extra descriptor, and nothing above it.
struct ReachableDirectory {
  // Which of the extra descriptors it is.
  int index = 0;
};

struct LaunchSpec {
  kj::StringPtr name;
  ProfileId profile = ProfileId::compartmentScript;
  Limits limits;
  Identity identity = Identity::separate;
  // Borrowed until the launch function returns; the child sees them as 5, 6, ...
  kj::ArrayPtr<const int> extraDescriptors = nullptr;
  kj::Maybe<ReachableDirectory> directory;
  // Only for our own programs; argv[0] is the first. A package's program gets its name alone.
  kj::ArrayPtr<const kj::StringPtr> arguments = nullptr;
  // "NAME=value"; only for our own programs. The host's environment is never passed on.
  kj::ArrayPtr<const kj::StringPtr> environment = nullptr;
};

// Lines of stderr as they come, escaped and bounded; see Child.
using ErrorLines = kj::Function<void(kj::StringPtr)>;

// The zygote process as seen by the host. Dropping it ends the zygote; its children live on.
class Zygote {
 public:
  virtual ~Zygote() noexcept(false) {}

  // The zygote's own process: onLocked() resolves when it serves.
  virtual Child& process() = 0;

  // A fork of it in new namespaces. Requests are served one after the other; waits until the
  // zygote serves. Throws kj::Exception (DISCONNECTED) if the zygote is gone.
  virtual kj::Promise<kj::Own<Child>> spawn(LaunchSpec spec,
                                            kj::Maybe<ErrorLines> onErrorLine = nullptr) = 0;
};

class Launcher {
 public:
  // `cgroups` may be null. Throws kj::Exception (FAILED) if the machine lacks what is never
  // optional; the text is fit for the user.
  Launcher(kj::UnixEventPort& port, Machine machine, CgroupTree* cgroups);
  ~Launcher() noexcept(false);
  KJ_DISALLOW_COPY(Launcher);

  const Machine& machine() const;

  // `program` is a descriptor of an executable file.
  kj::Own<Child> launchProgram(const LaunchSpec& spec, int program,
                               kj::Maybe<ErrorLines> onErrorLine = nullptr);
  // `image` comes from sealImage().
  kj::Own<Child> launchImage(const LaunchSpec& spec, int image,
                             kj::Maybe<ErrorLines> onErrorLine = nullptr);
  kj::Own<Zygote> launchZygote(const LaunchSpec& spec, int program,
                               kj::Maybe<ErrorLines> onErrorLine = nullptr);

  // Shows in a sacrificial child that the profile's lockdown refuses and names a call, and lets
  // another through. Once per profile, before the first launch. Empty if all is well, else what
  // did not hold; then nothing must be launched under it.
  kj::Promise<kj::Maybe<kj::String>> prove(ProfileId profile);

 private:
  class Impl;
  kj::Own<Impl> impl_;
};

// A private, sealed copy of a package's program in memory, which nobody can change or read any
// more. Throws kj::Exception for anything but a regular file of at most mostImageBytes.
inline constexpr uint64_t mostImageBytes = uint64_t{256} << 20;
kj::AutoCloseFd sealImage(int file, kj::StringPtr name);

// This program's own file, for starting it again in another role.
kj::AutoCloseFd openOwnProgram();

}  // namespace bulkhead::sandbox
