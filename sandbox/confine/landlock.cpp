#include "sandbox/confine/setup-protocol.h"
#include "sandbox/confine/steps.h"
#include "sandbox/policy/layers.h"

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace bulkhead::sandbox {
namespace {

// The build machine's headers may be older than the kernel it runs on, so the numbers that we use
// are written down here; they never change.
struct RulesetAttributes {
  uint64_t handledFiles;
  uint64_t handledNet;    // version 4
  uint64_t handledScope;  // version 6
};
struct [[gnu::packed]] PathBeneath {
  uint64_t allowed;
  int32_t parent;
};
constexpr unsigned createVersion = 1;
constexpr int rulePathBeneath = 1;
constexpr uint64_t writeFile = 1 << 1, readFile = 1 << 2, readDirectory = 1 << 3,
                   removeDirectory = 1 << 4, removeFile = 1 << 5, makeDirectory = 1 << 7,
                   makeRegular = 1 << 8, refer = 1 << 13, truncateFile = 1 << 14;
constexpr uint64_t everyNet = 0b11;
constexpr uint64_t everyScope = 0b11;

// Every right that a version of the kernel knows.
uint64_t everyFileRight(int version) {
  if (version >= 5) return (1 << 16) - 1;  // with ioctl_dev
  if (version >= 3) return (1 << 15) - 1;  // with truncate
  if (version >= 2) return (1 << 14) - 1;  // with refer
  return (1 << 13) - 1;
}

}  // namespace

int landlockVersion() {
  const long version = syscall(SYS_landlock_create_ruleset, nullptr, 0, createVersion);
  return version < 0 ? 0 : static_cast<int>(version);
}

namespace steps {

Result landlock(const SetupRequest& request, bool net, bool scope) {
  const int version = landlockVersion();
  if (version == 0) return refused("not in this kernel");
  const uint64_t known = everyFileRight(version);
  const RulesetAttributes attributes{known, net ? everyNet : 0, scope ? everyScope : 0};
  const size_t size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
  const int ruleset = static_cast<int>(syscall(SYS_landlock_create_ruleset, &attributes, size, 0));
  if (ruleset < 0) return refused("create");
  if (request.directoryIndex >= 0) {
    const PathBeneath rule{(writeFile | readFile | readDirectory | removeDirectory | removeFile |
                            makeDirectory | makeRegular | refer | truncateFile) &
                               known,
                           firstExtraDescriptor + request.directoryIndex};
    if (syscall(SYS_landlock_add_rule, ruleset, rulePathBeneath, &rule, 0) != 0) {
      return refused("directory");
    }
  }
  if (syscall(SYS_landlock_restrict_self, ruleset, 0) != 0) return refused("restrict");
  close(ruleset);
  return fine();
}

Result proveLandlock(const SetupRequest& request, bool net, bool scope) {
  const int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (root >= 0 || errno != EACCES) return unproven("the root could be opened");
  // The control: the path is there, only opening it is refused.
  struct stat status {};
  if (stat("/", &status) != 0) return refused("control: stat /");
  if (request.directoryIndex >= 0) {
    const int directory = firstExtraDescriptor + request.directoryIndex;
    if (openat(directory, "../etc/passwd", O_RDONLY | O_CLOEXEC) >= 0) {
      return unproven("the directory leads outside");
    }
    const int again = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (again < 0) return refused("control: open the directory");
    close(again);
  }
  if (net) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_port = htons(9);
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      const int result = connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address));
      const int error = errno;
      close(fd);
      if (result == 0 || error != EACCES) return unproven("connect was not refused");
    }
  }
  // In a pid namespace the host has no number to be signalled by.
  if (scope && !LayerSet::fromBits(request.layers).has(Layer::pidNamespace) &&
      request.hostPid > 0) {
    if (kill(request.hostPid, 0) == 0 || errno != EPERM) {
      return unproven("the host could be signalled");
    }
    if (kill(getpid(), 0) != 0) return refused("control: signal oneself");
  }
  return fine();
}

}  // namespace steps
}  // namespace bulkhead::sandbox
