// One of our own programs, confined, in the role that its argument names. For tests.

#include "sandbox/confine/confine.h"
#include "sandbox/zygote/zygote.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <string_view>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

using bulkhead::sandbox::LockdownHook;

// Memory that the zygote made and its forks share.
char* shared = nullptr;

// Answers each byte with the next one until the host hangs up.
int echo(int socket) {
  unsigned char byte;
  while (read(socket, &byte, 1) == 1) {
    ++byte;
    if (write(socket, &byte, 1) != 1) return 1;
  }
  return 0;
}

int echoMain(int socket, LockdownHook& lockdown) {
  lockdown();
  return echo(socket);
}

// A deed per byte, under lockdown, so that one program serves many tests.
int deedsMain(int socket, LockdownHook& lockdown) {
  lockdown();
  unsigned char byte;
  while (read(socket, &byte, 1) == 1) {
    switch (byte) {
      case 's':
        syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
        return 99;
      case 'o':
        syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY);
        return 99;
      case 'e':
        syscall(SYS_epoll_create1, 0);  // allowed during start-up only
        return 99;
      case 'm':
        if (write(socket, shared != nullptr ? shared : "none", 4) != 4) return 1;
        break;
      case 'a':
        std::abort();
      case 'q':
        return 5;
      default:
        return 98;
    }
  }
  return 0;
}

// Without asking for lockdown: a refused call of the start-up stage.
int startupMain(int, LockdownHook&) {
  return syscall(SYS_socket, AF_INET, SOCK_STREAM, 0) < 0 && errno == ENOSYS ? 42 : 99;
}

// Writes beneath its directory and tries to leave it.
int loggerMain(int socket, LockdownHook& lockdown) {
  lockdown();
  const int directory = lockdown.extra(0);
  int result = 0;
  if (mkdirat(directory, "sub", 0700) != 0 && errno != EEXIST) result = 1;
  const int fd = openat(directory, "sub/x.log.tmp", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0 || write(fd, "row\n", 4) != 4 || fsync(fd) != 0 || close(fd) != 0) result = 2;
  if (renameat(directory, "sub/x.log.tmp", directory, "x.log") != 0) result = 3;
  for (const char* outside : {"../outside", "../../etc/passwd", "/etc/passwd", "/proc/1/status"}) {
    if (openat(directory, outside, O_RDONLY | O_CLOEXEC) >= 0) result = 4;
  }
  if (openat(directory, "../new", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0) result = 5;
  const char answer = static_cast<char>('0' + result);
  if (write(socket, &answer, 1) != 1) return 1;
  return echo(socket);
}

// Reads a file that it was given, receives a descriptor and reads that too.
int workerMain(int socket, LockdownHook& lockdown) {
  lockdown();
  char buffer[16] = {};
  if (pread(lockdown.extra(0), buffer, 4, 0) != 4) return 1;
  char byte;
  iovec part{&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  if (recvmsg(socket, &message, 0) != 1) return 2;
  int received = -1;
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header == nullptr) return 5;
  std::memcpy(&received, CMSG_DATA(header), sizeof(received));
  if (read(received, buffer + 4, 4) != 4 || close(received) != 0) return 3;
  if (write(socket, buffer, 8) != 8) return 4;
  return echo(socket);
}

// Reads one packet from a packet socket that was opened outside its network namespace.
int packetsMain(int socket, LockdownHook& lockdown) {
  lockdown();
  pollfd ready{lockdown.extra(0), POLLIN, 0};
  char packet[2048];
  if (poll(&ready, 1, -1) != 1) return 1;
  if (recvfrom(lockdown.extra(0), packet, sizeof(packet), 0, nullptr, nullptr) <= 0) return 2;
  tpacket_stats counters{};
  socklen_t size = sizeof(counters);
  if (getsockopt(lockdown.extra(0), SOL_PACKET, PACKET_STATISTICS, &counters, &size) != 0) return 3;
  if (write(socket, "p", 1) != 1) return 4;
  return echo(socket);
}

int zygoteRole(int control, LockdownHook& ready) {
  shared = strdup("warm");
  ready();
  return bulkhead::sandbox::zygoteMain(control, deedsMain);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view role = argc > 1 ? argv[1] : "";
  if (role == "echo") bulkhead::sandbox::confinedMain(echoMain);
  if (role == "deeds") bulkhead::sandbox::confinedMain(deedsMain);
  if (role == "startup") bulkhead::sandbox::confinedMain(startupMain);
  if (role == "logger") bulkhead::sandbox::confinedMain(loggerMain);
  if (role == "packets") bulkhead::sandbox::confinedMain(packetsMain);
  if (role == "worker") bulkhead::sandbox::confinedMain(workerMain);
  if (role == "zygote") bulkhead::sandbox::confinedMain(zygoteRole);
  return 2;
}
