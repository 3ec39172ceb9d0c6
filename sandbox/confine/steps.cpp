#include "sandbox/confine/steps.h"

#include "sandbox/confine/setup-protocol.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace bulkhead::sandbox::steps {
namespace {

constexpr unsigned long rootFlags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
constexpr char logDirectory[] = "/logs";

// Raises all permitted capabilities: a change of user lowers the effective ones.
bool raiseCapabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};
  if (syscall(SYS_capget, &header, data) != 0) return false;
  for (auto& half : data) half.effective = half.permitted;
  return syscall(SYS_capset, &header, data) == 0;
}

// Whether connect() to this machine's own discard port fails with `expected`.
Result connectMustFail(int expected, const char* detail) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  // No IPv4 in this kernel: nothing to reach.
  if (fd < 0) return errno == EAFNOSUPPORT ? fine() : refused("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(9);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int result = connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address));
  const int error = errno;
  close(fd);
  return result != 0 && error == expected ? fine() : unproven(detail);
}

}  // namespace

Result refused(const char* detail) { return {errno, detail, true}; }
Result unproven(const char* detail) { return {0, detail, true}; }

uint64_t addressSpaceInUse() {
  const int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  char text[64] = {};
  const ssize_t got = read(fd, text, sizeof(text) - 1);
  close(fd);
  if (got <= 0) return 0;
  return std::strtoull(text, nullptr, 10) * 4096;
}

Result switchUser(const SetupRequest& request) {
  // Outside a user namespace that lacks user 0, changing the user would drop what the mounts need.
  if (prctl(PR_SET_KEEPCAPS, 1) != 0) return refused("keep capabilities");
  if (request.dropGroups && setgroups(0, nullptr) != 0) return refused("setgroups");
  if (setresgid(request.group, request.group, request.group) != 0) return refused("setresgid");
  if (setresuid(request.user, request.user, request.user) != 0) return refused("setresuid");
  if (!raiseCapabilities()) return refused("capset");
  if (prctl(PR_SET_KEEPCAPS, 0) != 0) return refused("keep capabilities");
  return fine();
}

Result hideHostName() {
  static constexpr char name[] = "compartment";
  if (sethostname(name, sizeof(name) - 1) != 0) return refused("sethostname");
  return fine();
}

namespace {

// Binds the directory into the new root, which is the current folder. The descriptor that came
// from the host belongs to the host's mount namespace, where ".." leads everywhere: it is replaced.
Result bindDirectory(const SetupRequest& request) {
  const int given = firstExtraDescriptor + request.directoryIndex;
  struct stat expected {
  }, found{};
  if (fstat(given, &expected) != 0) return refused("directory descriptor");
  if (mkdirat(AT_FDCWD, &logDirectory[1], 0555) != 0) return refused("mkdir");
  const int tree = open_tree(AT_FDCWD, request.directoryPath,
                             OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
  if (tree < 0) return refused("open_tree");
  // The path may lead elsewhere by now.
  if (fstat(tree, &found) != 0) return refused("fstat");
  if (found.st_dev != expected.st_dev || found.st_ino != expected.st_ino) {
    errno = ESTALE;
    return refused("the directory was moved");
  }
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
  if (mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof(attributes)) != 0) {
    return refused("mount_setattr");
  }
  if (move_mount(tree, "", AT_FDCWD, &logDirectory[1], MOVE_MOUNT_F_EMPTY_PATH) != 0) {
    return refused("move_mount");
  }
  close(tree);
  return fine();
}

Result reopenDirectory(const SetupRequest& request) {
  const int fd = open(logDirectory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return refused("open directory");
  if (dup2(fd, firstExtraDescriptor + request.directoryIndex) < 0) return refused("dup2");
  close(fd);
  return fine();
}

}  // namespace

Result emptyRoot(const SetupRequest& request) {
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return refused("private");
  // Any folder serves as the place; the namespace is ours and the old tree goes away.
  static constexpr const char* places[] = {"/proc", "/tmp", "/dev", "/usr"};
  const char* place = nullptr;
  for (const char* candidate : places) {
    if (mount("bulkhead-root", candidate, "tmpfs", rootFlags, "size=16k,nr_inodes=4,mode=0555") ==
        0) {
      place = candidate;
      break;
    }
  }
  if (place == nullptr) return refused("mount tmpfs");
  const bool withDirectory = request.directoryIndex >= 0;
  if (chdir(place) != 0) return refused("chdir");
  if (withDirectory) {
    if (Result result = bindDirectory(request); result.failed) return result;
  }
  if (mount(nullptr, ".", nullptr, MS_REMOUNT | MS_RDONLY | rootFlags, "size=16k,nr_inodes=4") !=
      0) {
    return refused("read-only");
  }
  // The old root lands on top of the new one and is detached from there.
  if (syscall(SYS_pivot_root, ".", ".") != 0) return refused("pivot_root");
  if (umount2(".", MNT_DETACH) != 0) return refused("umount");
  if (chdir("/") != 0) return refused("chdir");
  return withDirectory ? reopenDirectory(request) : fine();
}

Result proveEmptyRoot(const SetupRequest& request) {
  for (const char* path : {"/etc/passwd", "/proc/self/status", "/dev/null"}) {
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) return unproven("a file of the machine could be opened");
    if (errno != ENOENT) return refused(path);
  }
  if (mkdir("/proof", 0700) == 0 || errno != EROFS) return unproven("the root could be written");
  // The control: the same calls work where they should.
  const int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) return refused("control: open /");
  struct stat status {};
  const bool seen = fstat(root, &status) == 0 && S_ISDIR(status.st_mode);
  close(root);
  if (!seen) return unproven("control: stat /");
  if (request.directoryIndex >= 0) {
    const int directory = firstExtraDescriptor + request.directoryIndex;
    const int outside = openat(directory, "../etc/passwd", O_RDONLY | O_CLOEXEC);
    if (outside >= 0) return unproven("the directory leads outside");
    if (fstat(directory, &status) != 0) return refused("control: directory");
  }
  return fine();
}

Result noNewPrivileges() {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return refused("");
  return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? fine() : unproven("not set");
}

Result limits(const SetupRequest& request, uint64_t addressSpace) {
  for (int i = 0; i < request.limitCount; ++i) {
    uint64_t value = request.limits[i].value;
    const int resource = request.limits[i].resource;
    // What the program itself takes is not the package's.
    if (resource == RLIMIT_AS) value += addressSpace;
    rlimit current{};
    if (getrlimit(static_cast<__rlimit_resource_t>(resource), &current) != 0) {
      return refused("getrlimit");
    }
    // Never above what we were given, which would need a capability.
    value = std::min<uint64_t>(value, current.rlim_max);
    const rlimit wanted{value, value};
    if (setrlimit(static_cast<__rlimit_resource_t>(resource), &wanted) != 0) {
      return refused("setrlimit");
    }
  }
  return fine();
}

Result proveLimits(const SetupRequest& request) {
  for (int i = 0; i < request.limitCount; ++i) {
    if (request.limits[i].resource != RLIMIT_NOFILE) continue;
    const int limit = static_cast<int>(request.limits[i].value);
    const int beyond = fcntl(rpcDescriptor, F_DUPFD_CLOEXEC, limit);
    if (beyond >= 0) return unproven("a descriptor beyond the limit");
    const int within = fcntl(rpcDescriptor, F_DUPFD_CLOEXEC, 0);
    if (within < 0) return refused("control: a descriptor within the limit");
    close(within);
    return fine();
  }
  return fine();
}

Result dropCapabilities() {
  for (int cap = 0;; ++cap) {
    const int held = prctl(PR_CAPBSET_READ, cap, 0, 0, 0);
    if (held < 0) break;  // beyond the last one that this kernel has
    if (held == 1 && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) != 0) {
      // Without CAP_SETPCAP (an ordinary user without a user namespace) the set stays; with
      // no_new_privs nothing of it can be had.
      if (errno == EPERM) break;
      return refused("bounding set");
    }
  }
  // Refused for the same reason and without harm for the same reason.
  constexpr unsigned long locked = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
                                   SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
                                   SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
  if (prctl(PR_SET_SECUREBITS, locked, 0, 0, 0) != 0 && errno != EPERM) {
    return refused("securebits");
  }
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) return refused("ambient");
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct none[2]{};
  if (syscall(SYS_capset, &header, none) != 0) return refused("capset");
  return fine();
}

Result proveCapabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};
  if (syscall(SYS_capget, &header, data) != 0) return refused("control: capget");
  for (const auto& half : data) {
    if ((half.effective | half.permitted | half.inheritable) != 0) return unproven("some are left");
  }
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 || errno != EPERM) {
    return unproven("a mount was not refused");
  }
  return fine();
}

Result proveDescriptors() {
  // Many in one call; no more than the least limit on open files that lets the set-up come so far,
  // above which poll() refuses.
  constexpr int atOnce = 32;
  constexpr int first = firstExtraDescriptor + maxExtraDescriptors;
  for (int from = first; from < first + 8 * atOnce; from += atOnce) {
    pollfd asked[atOnce];
    for (int i = 0; i < atOnce; ++i) asked[i] = {from + i, 0, 0};
    if (poll(asked, atOnce, 0) < 0) return refused("poll");
    for (const pollfd& one : asked) {
      if (one.fd != imageDescriptor && (one.revents & POLLNVAL) == 0) {
        return unproven("a descriptor that nobody handed over");
      }
    }
  }
  if (fcntl(rpcDescriptor, F_GETFD) < 0) return refused("control: the socket");
  return fine();
}

Result provePidNamespace() {
  if (getpid() != 1) return unproven("not the first process");
  // Everybody but ourselves: there must be nobody.
  if (kill(-1, 0) == 0 || errno != ESRCH) return unproven("another process could be signalled");
  if (kill(getpid(), 0) != 0) return refused("control: signal oneself");
  return fine();
}

Result proveNetNamespace() { return connectMustFail(ENETUNREACH, "loopback could be reached"); }

Result proveUser(const SetupRequest& request) {
  uid_t real = 0, effective = 0, saved = 0;
  if (getresuid(&real, &effective, &saved) != 0) return refused("control: getresuid");
  if (real != request.user || effective != request.user || saved != request.user) {
    return unproven("still another user");
  }
  if (setresuid(real + 1, real + 1, real + 1) == 0) return unproven("the user could be changed");
  return fine();
}

}  // namespace bulkhead::sandbox::steps
